"""What officers, members and teams have to do about panels."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import ReviewMethod
from portal.core.access import OFFICERS, Actor, Role
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.rules import STANDING, Answer, PanelState
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState

MOST = 50
AHEAD = [PanelState.PLANNED, PanelState.INVITED, PanelState.SITTING]


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Panels to plan and to hold, turns to confirm, meetings to be at."""
    return [
        *(_of_officer(session, actor) if actor.is_officer else ()),
        *(_of_team(session, actor) if actor.has(Role.BIDDER_LEAD) else ()),
        *(_of_member(session, actor) if actor.has(Role.REVIEWER) else ()),
    ]


def _todo(
    text: str, challenge: Challenge, endpoint: str, values: dict[str, object], due: datetime | None
) -> Todo:
    return Todo(Message(text, {"title": both(challenge)}), endpoint, values, due)


def _of_officer(session: Session, actor: Actor) -> Iterator[Todo]:
    homes = actor.organisations_as(*OFFICERS)
    for challenge in session.scalars(_to_plan(homes)):
        text, code = N_("Plan the panel on “%(title)s”"), {"code": challenge.code}
        yield _todo(text, challenge, "panels.page", dict(code), None)
    held = (
        select(Panel)
        .join(Panel.round)
        .join(Round.challenge)
        .join(Challenge.call)
        .where(Call.issuer_id.in_(homes), Panel.state.in_(AHEAD))
        .options(joinedload(Panel.round).joinedload(Round.challenge))
        .order_by(Panel.begins_at)
        .limit(MOST)
    )
    for panel in session.scalars(held):
        challenge, text = panel.round.challenge, N_("Hold the panel on “%(title)s”")
        code = {"code": challenge.code}
        yield _todo(text, challenge, "panels.page", dict(code), panel.begins_at)


def _to_plan(homes: Collection[UUID]) -> Select[Challenge]:
    """Ranked challenges of these bodies whose rules have a panel that nobody has planned."""
    planned = (
        select(Panel.id)
        .join(Panel.round)
        .where(Round.challenge_id == Challenge.id, Panel.state.in_(list(STANDING)))
        .exists()
    )
    has_panel = Challenge.settings["review_method"].astext == ReviewMethod.ONLINE_AND_PANEL.value
    return (
        select(Challenge)
        .join(Challenge.call)
        .where(Call.issuer_id.in_(homes), Challenge.state == ChallengeState.RANKED)
        .where(has_panel, ~planned)
        .order_by(Challenge.code)
        .limit(MOST)
    )


def _of_team(session: Session, actor: Actor) -> Iterator[Todo]:
    homes = actor.organisations_as(Role.BIDDER_LEAD)
    waiting = (
        select(Turn)
        .join(Turn.panel)
        .join(Turn.bid)
        .where(
            Bid.lead_id.in_(homes),
            Turn.answer == Answer.OPEN,
            Panel.state == PanelState.INVITED,
        )
        .options(joinedload(Turn.panel).joinedload(Panel.round).joinedload(Round.challenge))
        .order_by(Turn.begins_at)
        .limit(MOST)
    )
    for turn in session.scalars(waiting):
        text = N_("Confirm that your team comes to the panel on “%(title)s”")
        challenge, values = turn.panel.round.challenge, {"bid_id": turn.bid_id}
        yield _todo(text, challenge, "hearings.turn", dict(values), turn.begins_at)


def _of_member(session: Session, actor: Actor) -> Iterator[Todo]:
    seated = (
        select(Seat, Panel)
        .join(Panel, Panel.round_id == Seat.round_id)
        .join(Seat.reviewer)
        .where(
            Reviewer.person_id == actor.user_id,
            Seat.state.in_([SeatState.ACCEPTED, SeatState.DONE]),
            Panel.state.in_(AHEAD),
        )
        .options(joinedload(Panel.round).joinedload(Round.challenge))
        .order_by(Panel.begins_at)
        .limit(MOST)
    )
    for seat, panel in session.execute(seated):
        text, values = N_("Be at the panel on “%(title)s”"), {"seat_id": seat.id}
        challenge = panel.round.challenge
        yield _todo(text, challenge, "hearings.seat", dict(values), panel.begins_at)
