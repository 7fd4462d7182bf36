"""Reads of panels, and of who is heard when."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bids.models import Bid
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import ReviewMethod
from portal.core.access import Actor
from portal.core.errors import IllegalMove, NotFound
from portal.core.words import N_
from portal.reviews.panels.models import Attendance, Panel, Recusal, Turn
from portal.reviews.panels.rules import REMINDER, STANDING, PanelState
from portal.reviews.pool.models import Reviewer
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundKind, RoundState

NOT_HELD = N_("The rules have a panel, and it has not closed. Hold it first, then decide.")


def _whole() -> Select[Panel]:
    """With everything that a page about it shows, in a fixed number of queries."""
    seats = joinedload(Panel.round).selectinload(Round.seats)
    turns = selectinload(Panel.turns)
    return select(Panel).options(
        joinedload(Panel.round)
        .joinedload(Round.challenge)
        .joinedload(Challenge.call)
        .joinedload(Call.issuer),
        seats.joinedload(Seat.reviewer).joinedload(Reviewer.person),
        seats.joinedload(Seat.reviewer).joinedload(Reviewer.organisation),
        seats.selectinload(Seat.sheets),
        turns.joinedload(Turn.bid).joinedload(Bid.lead),
        turns.joinedload(Turn.bid).selectinload(Bid.versions),
        turns.selectinload(Turn.remarks),
        turns.selectinload(Turn.recusals).joinedload(Recusal.seat),
        turns.selectinload(Turn.ballots),
        selectinload(Panel.attendances).joinedload(Attendance.seat),
    )


def lock(session: Session, panel_id: UUID) -> Panel:
    """The panel with its round, both locked: tasks and officers take turns. Raises NotFound."""
    round_id = session.scalar(select(Panel.round_id).where(Panel.id == panel_id))
    if round_id is None:
        raise NotFound
    rounds.lock(session, round_id)
    return session.scalars(
        _whole()
        .where(Panel.id == panel_id)
        .with_for_update(key_share=True, of=Panel)
        .execution_options(populate_existing=True)
    ).one()


def lock_turn(session: Session, turn_id: UUID) -> Turn:
    """A turn with its panel, which is locked. Raises NotFound."""
    panel = lock(session, panel_of_turn(session, turn_id))
    return next(turn for turn in panel.turns if turn.id == turn_id)


def of_challenge(session: Session, challenge_id: UUID) -> Panel | None:
    """The newest panel of a challenge, one that was called off too."""
    return session.scalars(
        _whole()
        .join(Panel.round)
        .where(Round.challenge_id == challenge_id)
        .order_by(Round.number.desc())
        .limit(1)
    ).first()


def standing(session: Session, challenge_id: UUID) -> Panel | None:
    """The panel of a challenge that was not called off."""
    found = of_challenge(session, challenge_id)
    return found if found is not None and found.state in STANDING else None


def require_held(session: Session, challenge: Challenge) -> None:
    """Raise IllegalMove while a panel that the rules have is still to be held."""
    if challenge.rules.review_method is not ReviewMethod.ONLINE_AND_PANEL:
        return
    found = standing(session, challenge.id)
    if found is None or found.state is not PanelState.CLOSED:
        raise IllegalMove(NOT_HELD)


def turn_of(session: Session, bid_id: UUID) -> Turn | None:
    """The turn of a bid in a panel that stands and whose teams have been told."""
    panel_id = session.scalars(
        select(Panel.id)
        .join(Turn, Turn.panel_id == Panel.id)
        .where(
            Turn.bid_id == bid_id, Panel.invited_at.is_not(None), Panel.state.in_(list(STANDING))
        )
        .limit(1)
    ).first()
    if panel_id is None:
        return None
    panel = session.scalars(_whole().where(Panel.id == panel_id)).one()
    return next(turn for turn in panel.turns if turn.bid_id == bid_id)


def of_seat(session: Session, seat_id: UUID) -> Panel | None:
    """The panel in whose round a seat is."""
    query = _whole().join(Seat, Seat.round_id == Panel.round_id).where(Seat.id == seat_id)
    return session.scalars(query).first()


def own_seat(session: Session, actor: Actor, panel: Panel) -> Seat | None:
    """The person's own seat in a panel, if they have one."""
    mine = (seat for seat in panel.round.seats if seat.reviewer.person_id == actor.user_id)
    return next(mine, None)


def by_fingerprint(session: Session, fingerprint: str) -> Panel | None:
    """The panel whose minutes have this fingerprint."""
    return session.scalars(_whole().where(Panel.minutes_sha256 == fingerprint)).one_or_none()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Panels that begin within a day and of which nobody was reminded."""
    return session.scalars(
        select(Panel.id).where(
            Panel.state == PanelState.INVITED,
            Panel.reminded_at.is_(None),
            Panel.begins_at <= now + REMINDER,
            Panel.begins_at > now,
        )
    ).all()


def online_round(session: Session, challenge_id: UUID) -> Round:
    """The review before the meeting. Raises NotFound."""
    found = rounds.round_of(session, challenge_id)
    if found is None:
        raise NotFound
    return found


def online_ranking(session: Session, challenge_id: UUID) -> Ranking:
    """The newest ranking of the online review. Raises NotFound."""
    found = session.scalars(
        select(Ranking)
        .join(Round, Round.id == Ranking.round_id)
        .where(Round.challenge_id == challenge_id, Round.kind != RoundKind.MEETING)
        .options(selectinload(Ranking.places).joinedload(RankingPlace.bid))
        .order_by(Round.number.desc(), Ranking.number.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFound
    return found


def to_recount(session: Session) -> list[UUID]:
    """Closed panels whose members or online ranking have changed since, before the decision."""
    undecided = [ChallengeState.REVIEWING, ChallengeState.RANKED]
    closed = session.scalars(
        select(Panel)
        .join(Panel.round)
        .join(Round.challenge)
        .where(Panel.state == PanelState.CLOSED, Challenge.state.in_(undecided))
        .options(joinedload(Panel.round))
    ).all()
    return [panel.id for panel in closed if _is_stale(session, panel)]


def _is_stale(session: Session, panel: Panel) -> bool:
    challenge_id = panel.round.challenge_id
    if online_round(session, challenge_id).state is not RoundState.RANKED:
        return False
    reopened = panel.round.state is not RoundState.RANKED
    return reopened or online_ranking(session, challenge_id).id != panel.counted_from


def panel_of_turn(session: Session, turn_id: UUID) -> UUID:
    """The panel in which a turn is. Raises NotFound."""
    found = session.scalar(select(Turn.panel_id).where(Turn.id == turn_id))
    if found is None:
        raise NotFound
    return found
