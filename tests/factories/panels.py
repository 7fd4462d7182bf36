"""Panels for tests, taken as far as is told, by the services that officers and members use."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.bids.queries import eligible
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod, ReviewMethod
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.reviews.panels import closing, inviting, planning, queries, sitting
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.planning import Day
from portal.reviews.panels.rules import Vote
from portal.reviews.rankings import service as rankings
from portal.reviews.rounds import answers
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import service as sheets
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from tests.factories.awards import make_ranking, officer_of
from tests.factories.draws import make_drawn
from tests.factories.remembered import remembered
from tests.factories.reviews import (
    REASON,
    make_review_challenge,
    make_reviewer,
    make_round,
    points_for,
    reviewer_of,
    submit_all,
)

ONLINE = (Decimal("80.00"),) * 9
"""What the online review gave."""


@remembered
def make_panel_challenge(
    bids: int = 2,
    method: PanelMethod = PanelMethod.SCORES,
    whole: bool = False,
    **rules: object,
) -> Challenge:
    """A challenge whose online review by three experts is ranked, and whose rules have a panel.

    With `whole` its sheets are there too, handed in one by one.
    """
    challenge = make_review_challenge(bids=bids)
    panel = {"review_method": ReviewMethod.ONLINE_AND_PANEL.value, "panel_method": method.value}
    challenge.settings = {**challenge.settings, **panel, **rules}
    if whole:
        review = make_round(challenge=challenge, scoring=True, spare=1)
        submit_all(review)
        rankings.rank_round(review.id, clock.now(db.session))
    else:
        _ranked(challenge)
    db.session.commit()
    return challenge


def _ranked(challenge: Challenge) -> None:
    experts = [make_reviewer() for _ in range(4)]
    make_drawn(challenge)
    entered = list(eligible(db.session, challenge.id))
    ranking = make_ranking(challenge, entered, ONLINE[: len(entered)])
    review, now = db.session.get_one(Round, ranking.round_id), clock.now(db.session)
    review.seats_wanted = len(experts) - 1
    review.seats = [
        Seat(reviewer=one, position=n, invited_at=now, answer_by=now, state=SeatState.DONE)
        for n, one in enumerate(experts[:-1])
    ]
    challenge.state = ChallengeState.RANKED


def run_by(panel: Panel) -> Actor:
    """An officer who runs it, kept whatever is refused to them."""
    found = officer_of(panel.round.challenge)
    db.session.commit()
    return found


def tomorrow(**facts: Any) -> Day:
    """A day to plan: turns of 30 minutes with ten between them."""
    begins_at = clock.now(db.session) + timedelta(days=1)
    values: dict[str, Any] = {"place": "首钢园会议中心 201", "link": "", "begins_at": begins_at}
    minutes = {"talk": 15, "questions": 10, "judging": 5, "pause": 10}
    return Day(**{**values, **minutes, **facts})


@remembered
def make_panel(
    *,
    invited: bool = False,
    sitting: bool = False,
    closed: bool = False,
    challenge: Challenge | None = None,
    **rules: Any,
) -> Panel:
    """A panel of tomorrow; a trait takes it further, with every member present from its beginning."""
    challenge = challenge or make_panel_challenge(**rules)
    officer, now = officer_of(challenge), clock.now(db.session)
    panel = planning.plan(officer, challenge.id, tomorrow(), now)
    if invited or sitting or closed:
        inviting.invite(officer, panel.id, now)
    if sitting or closed:
        begin(panel)
    if closed:
        hear_all(panel)
        closing.close(officer, panel.id, over(panel))
    return read(panel)


def read(panel: Panel) -> Panel:
    """The panel as it is now."""
    db.session.expire_all()
    return db.session.get_one(Panel, panel.id)


def over(panel: Panel) -> datetime:
    """A moment at which the day is over."""
    return panel.timetable.ends_at(len(panel.turns))


def begin(panel: Panel) -> None:
    """Every member accepts, signs in, and the officer opens the panel."""
    for seat in read(panel).round.seats:
        answers.accept(reviewer_of(seat), seat.id, clock.now(db.session))
    for seat in read(panel).round.seats:
        sitting.sign_in(reviewer_of(seat), panel.id, seat.id, panel.begins_at)
    sitting.begin(officer_of(read(panel).round.challenge), panel.id, panel.begins_at)


def take(turn: Turn, *actions: str) -> Turn:
    """The officer takes a turn on."""
    officer = officer_of(turn.panel.round.challenge)
    for action in actions:
        sitting.take(officer, turn.id, action, turn.begins_at)
    return read_turn(turn)


def read_turn(turn: Turn) -> Turn:
    """The turn as it is now."""
    db.session.expire_all()
    return queries.lock_turn(db.session, turn.id)


def sheet_of(turn: Turn, seat: Seat) -> Sheet:
    """The sheet of a member on a team."""
    return next(one for one in seat.sheets if one.bid_id == turn.bid_id)


def judge(turn: Turn, share: Decimal = Decimal("0.8"), said: Vote = Vote.YES) -> None:
    """Every member who may judges: the same share of each weight, or the same vote."""
    turn = read_turn(turn)
    for seat in sitting.judges(turn):
        if turn.panel.method is PanelMethod.BALLOT:
            sitting.vote(reviewer_of(seat), turn.id, said, turn.begins_at)
            continue
        sheet = sheet_of(turn, seat)
        if sheet.state is SheetState.DRAFT:
            weights = [Decimal(one.weight) for one in turn.panel.round.challenge.criteria]
            points = points_for(sheet, [weight * share for weight in weights])
            sheets.submit_sheet(reviewer_of(seat), sheet.id, points, REASON, turn.begins_at)


def hear_all(panel: Panel) -> None:
    """Every team is called, asked and judged, each a tenth better than the one before."""
    for place, turn in enumerate(list(read(panel).turns)):
        take(turn, "call", "ask", "judge")
        judge(turn, Decimal(7 + place) / 10)
        take(turn, "finish")


def accepted(panel: Panel) -> list[Seat]:
    """The seats of those who accepted, as they are now."""
    seats = read(panel).round.seats
    return [seat for seat in seats if seat.state in (SeatState.ACCEPTED, SeatState.DONE)]
