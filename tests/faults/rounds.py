"""A whole review round with virtual reviewers, by the real services and worker, whatever is killed.

What a reviewer does follows from the place in the draw's order alone, and what is given from the place
and the bid: two rounds of the same size must end alike. The portal's clock goes on in steps of 13 hours:
no plan's days fall on a step, so that seconds decide nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from secrets import SystemRandom
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import select

from portal.audit.models import Entry
from portal.bids import queries as bid_queries
from portal.core import clock, outbox
from portal.core.db import db, transaction
from portal.notifications.models import InboxItem
from portal.reviews.draws import queries as draw_queries
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rounds import answers, awaiting, chasing
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points
from tests.factories.awards import officer_of
from tests.factories.draws import make_drawn
from tests.factories.reviews import REASON, make_review_challenge, make_reviewer, reviewer_of
from tests.faults.conftest import Yard
from tests.faults.killing import lose_leases
from tests.waiting import until
from workers.handlers import load_handlers
from workers.running import run_event
from workers.schedule import CHORES

TICK = timedelta(hours=13)
PERSONAS = ("declines", "scores", "is silent", "scores", "is lazy", "scores", "scores", "gives up")
"""Of the first in the order, the second, and so on, over and over."""
CHORE, BEAT = "chase_reviewers", 0.5
WHOLE = "the whole worker"
WAYS = ("pre_commit", "post_commit", "pre_commit", "post_commit", WHOLE)
Settle = Callable[[], None]


def ways(times: int) -> list[str]:
    """All ways so many times, in any order."""
    found = list(WAYS * times)
    SystemRandom().shuffle(found)
    return found


@dataclass
class Play:
    """A round, and the places of its reviewers and bids."""

    round_id: UUID
    challenge_id: UUID
    places: dict[UUID, int]
    bids: dict[UUID, int]

    @property
    def review(self) -> Round:
        """As it stands now."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Round, self.round_id)

    def persona(self, seat: Seat) -> str:
        """What its reviewer is like."""
        return PERSONAS[self.places[seat.reviewer_id] % len(PERSONAS)]


def pool_of(experts: int) -> None:
    """So many experts, each of another organisation."""
    for _ in range(experts):
        make_reviewer(max_load=60)
    db.session.commit()


def started(bids: int, reviewers: int) -> Play:
    """A round that has just begun."""
    challenge = make_review_challenge(bids=bids, reviewers=reviewers)
    make_drawn(challenge)
    db.session.commit()
    made = round_service.start_round(officer_of(challenge), challenge.id, clock.now(db.session))
    draw = draw_queries.drawn(db.session, challenge.id)[0]
    asked = [draw_queries.of_alias(db.session, draw, one) for one in draw.orders["technical"]]
    order = {reviewer_id: place for place, reviewer_id in enumerate(asked)}
    eligible = sorted(
        bid_queries.eligible(db.session, challenge.id), key=lambda bid: bid.started_at
    )
    return Play(made.id, challenge.id, order, {bid.id: n for n, bid in enumerate(eligible)})


def play(one: Play, settle: Settle, most: int = 200) -> None:
    """Until the round is ranked; `settle` has all events and due steps done."""
    for _ in range(most):
        settle()
        if one.review.state is RoundState.RANKED:
            return
        if not _act(one):
            _wait_for_the_next_step(one)
    raise AssertionError("the round did not end")


def _wait_for_the_next_step(one: Play) -> None:
    """Move the clock on, by whole steps, until something happens by itself."""
    now = clock.now(db.session)
    coming = [awaiting.upcoming(seat, now) for seat in one.review.seats]
    at = min(step.at for step in coming if step is not None)
    with transaction() as session:
        clock.move(session, TICK * max(1, -((now - at) // TICK)))


def _act(one: Play) -> bool:
    """What the reviewers do now, in the order of their seats; whether anybody did something."""
    acted, now = False, clock.now(db.session)
    for seat_id in [seat.id for seat in one.review.seats]:
        seat = db.session.get_one(Seat, seat_id)
        acted |= _act_of(one, seat, one.persona(seat), now)
        db.session.expire_all()
    return acted


def _act_of(one: Play, seat: Seat, persona: str, now: datetime) -> bool:
    actor = reviewer_of(seat)
    if seat.state is SeatState.INVITED and persona == "declines":
        answers.decline(actor, seat.id, "近期出差,无法按期评审。", now)
    elif seat.state is SeatState.INVITED and persona != "is silent":
        answers.accept(actor, seat.id, now)
    elif seat.state is SeatState.ACCEPTED and seat.sheets and persona != "is lazy":
        drafts = [sheet for sheet in seat.sheets if sheet.state is SheetState.DRAFT]
        drafts.sort(key=lambda sheet: one.bids[sheet.bid_id])
        if persona == "gives up" and len(drafts) < len(seat.sheets):
            answers.decline(actor, seat.id, "身体原因,不能继续。", now)
        else:
            for sheet in drafts[:1] if persona == "gives up" else drafts:
                sheet_service.submit_sheet(actor, sheet.id, _points(one, sheet), "", now)
    else:
        return False
    return True


def _points(one: Play, sheet: Sheet) -> dict[UUID, Points]:
    """Between six and nine tenths of each weight, by the places alone."""
    mix = one.places[sheet.seat.reviewer_id] * 7 + one.bids[sheet.bid_id] * 11
    return {
        row.id: Points(Decimal(row.weight) * (60 + (mix + row.position * 5) % 30) / 100, REASON)
        for row in sheet.seat.round.challenge.criteria
    }


def here() -> None:
    """Settle in this process, undisturbed."""
    handlers = load_handlers()
    while True:
        with transaction() as session:
            due = outbox.claim_for_dispatch(session)
        for event in due:
            run_event(event, handlers)
        now = clock.now(db.session)
        if not due and not chasing.due_rounds(db.session, now):
            db.session.rollback()
            return
        CHORES[CHORE](now)


@dataclass
class Killer:
    """Settles with a worker of its own process, which is killed at random."""

    yard: Yard
    ways: list[str]
    """What is killed, one for each settling: a place of a commit, or the whole worker."""
    done: int = 0
    _armed: Path | None = None
    _sent: float = 0

    def __post_init__(self) -> None:
        settings = self.yard.settings
        self._celery = Celery("jiebang", broker=settings.celery_broker_url)
        self._celery.conf.task_default_queue = settings.queue
        self._folder.mkdir(exist_ok=True)
        self.yard.environment["JIEBANG_FAILPOINTS"] = f"@{self._folder}"
        self.yard.start_worker(tasks=2)

    @property
    def _folder(self) -> Path:
        return self.yard.directory / "failpoints-round"

    def settle(self) -> None:
        """Until no event is left and no step is due, with kills meanwhile."""
        if self.ways:
            self._kill(self.ways.pop())
        self._send()
        until(self._is_settled, "events and steps are done", 120)

    def _send(self) -> None:
        """As two beats do that look every half second."""
        if time.monotonic() < self._sent + BEAT:
            return
        self._sent = time.monotonic()
        for _ in range(2):
            self._celery.send_task("portal.scheduled", args=(CHORE,))

    def _is_settled(self) -> bool:
        if self._armed and self._armed.with_suffix(".reached").exists():
            self.done, self._armed = self.done + 1, None
            lose_leases()
        if not self.yard.workers[-1].alive():  # as a service manager does
            self._start_again()
        db.session.rollback()
        if chasing.due_rounds(db.session, clock.now(db.session)):
            self._send()
            return False
        left = outbox.pending(db.session)
        db.session.rollback()
        return not left

    def _kill(self, way: str) -> None:
        """One process before or after its next commit, or the whole worker."""
        if way != WHOLE:
            place = self._folder / way
            place.with_suffix(".reached").unlink(missing_ok=True)
            place.with_suffix(".new").write_text("kill")
            place.with_suffix(".new").rename(place)
            self._armed = place
        else:
            self._start_again()
            self.done += 1

    def _start_again(self) -> None:
        """A worker in place of the last, for which nothing is armed: Celery gives up when a process of
        its pool is killed before it is ready."""
        self.yard.workers.pop().kill()
        for place in self._folder.iterdir():
            place.unlink()
        self._armed = None
        lose_leases()
        self.yard.start_worker(tasks=2)


def outcome(one: Play) -> dict[str, Any]:
    """All that a round leaves, by places instead of ids."""
    review = one.review
    ranking = ranking_queries.latest_ranking(db.session, one.challenge_id)
    assert ranking is not None
    return {
        "seats": [_seat(one, seat) for seat in review.seats],
        "ranking": sorted((p.place, one.bids[p.bid_id], p.mean, p.tied) for p in ranking.places),
        "log": _log(one, review),
        "news": _news(one, review),
        "held": sum(round_queries.held(db.session, seat.reviewer_id) for seat in review.seats),
    }


def _seat(one: Play, seat: Seat) -> tuple[Any, ...]:
    sheets = sorted((one.bids[s.bid_id], s.state.value, s.total) for s in seat.sheets)
    steps = [step.kind.value for step in seat.steps]
    return one.places[seat.reviewer_id], seat.state.value, steps, sheets


def _log(one: Play, review: Round) -> dict[str, list[str]]:
    subjects = {seat.subject_ref: str(one.places[seat.reviewer_id]) for seat in review.seats}
    subjects |= {review.subject_ref: "round"}
    rows = db.session.execute(
        select(Entry.subject_ref, Entry.kind)
        .where(Entry.subject_ref.in_(subjects))
        .order_by(Entry.id)
    )
    found: dict[str, list[str]] = {}
    for subject, kind in rows:
        found.setdefault(subjects[subject], []).append(kind)
    return found


def _news(one: Play, review: Round) -> dict[int, list[str]]:
    found = {}
    for seat in review.seats:
        query = select(InboxItem.subject).where(
            InboxItem.person_id == seat.reviewer.person_id,
            InboxItem.key.contains(str(seat.id)) | InboxItem.key.contains(str(review.id)),
        )
        found[one.places[seat.reviewer_id]] = sorted(db.session.scalars(query))
    return found
