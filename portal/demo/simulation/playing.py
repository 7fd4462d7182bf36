"""Virtual reviewers: each answers, scores, is late or leaves as its kind does, until the round is ranked.

What a reviewer is like follows from the place in the order of the draw; what is given, from the bid's
worth, the reviewer's leniency and some chance. The same seed gives the same worth and leniency.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.bids import queries as bids
from portal.challenges import queries as challenges
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.words import N_, Worded
from portal.demo import clock as moving
from portal.demo.challenges import person
from portal.demo.reading import data
from portal.demo.simulation.world import number_of
from portal.reviews.rounds import answers, awaiting
from portal.reviews.rounds import service as rounds
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets import service as sheets
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points

TICK = timedelta(hours=1)
"""The clock goes on in whole hours."""
LENIENCY, CHANCE = 10.0, 6.0
"""Standard deviations, in points of a hundred."""
LEAST, MOST = 40.0, 95.0
"""Between which the bids' worth lies, in points of a hundred."""
Settle = Callable[[], None]


class Kind(Worded):
    """What a virtual reviewer is like."""

    SCORES = "scores", N_("accepts and scores all bids")
    DECLINES = "declines", N_("declines the invitation")
    SILENT = "silent", N_("never answers")
    LAZY = "lazy", N_("accepts and hands in nothing")
    LEAVES = "leaves", N_("hands in one sheet and leaves")


_K = Kind
KINDS = _K.DECLINES, _K.SCORES, _K.SILENT, _K.SCORES, _K.LAZY, _K.SCORES, _K.SCORES, _K.LEAVES
"""Of the first who is asked, the second, and so on, over and over."""


class Stuck(Exception):
    """The round does not go on by itself."""


@dataclass
class Play:
    """A round that virtual reviewers score; `teams` numbers the bids."""

    round_id: UUID
    teams: dict[UUID, int]
    chance: np.random.Generator
    worth: dict[UUID, float]
    asked: list[UUID] = field(default_factory=list)
    """The reviewers, in the order in which they were asked."""
    leniency: dict[UUID, float] = field(default_factory=dict)

    @property
    def review(self) -> Round:
        """The round as it stands now."""
        db.session.rollback()
        db.session.expire_all()
        return db.session.get_one(Round, self.round_id)

    def kind(self, seat: Seat) -> Kind:
        """What its reviewer is like."""
        if seat.reviewer_id not in self.leniency:
            self.asked.append(seat.reviewer_id)
            self.leniency[seat.reviewer_id] = self.chance.normal(0, LENIENCY)
        return KINDS[self.asked.index(seat.reviewer_id) % len(KINDS)]


def start(code: str, seed: int) -> Play:
    """Have the officer begin the round of a challenge, all of whose reviewers are drawn."""
    challenge = challenges.by_code(db.session, code)
    if challenge is None:
        raise NotFound
    officer = person(data("simulated")["call"]["officer"])
    made = rounds.start_round(officer, challenge.id, clock.now(db.session))
    eligible = bids.eligible(db.session, challenge.id)
    teams = {bid.id: number_of(bid.lead.name) for bid in eligible}
    chance = np.random.default_rng(seed)
    in_order = sorted(teams, key=lambda one: teams[one])
    worth = {one: chance.uniform(LEAST, MOST) for one in in_order}
    return Play(made.id, teams, chance, worth)


def play(one: Play, settle: Settle) -> Iterator[int]:
    """Until the round is ranked; yields after each act how many sheets are in. `settle` waits until all
    events and all steps that are due are done. Raises Stuck."""
    while True:
        settle()
        if one.review.state is RoundState.RANKED:
            return
        acted = False
        for _ in _acts(one):
            acted = True
            yield handed_in(one.review)
        if not acted:
            _wait(one)


def handed_in(review: Round) -> int:
    """How many sheets count so far."""
    made = [sheet for seat in review.seats for sheet in seat.sheets]
    return sum(sheet.state is SheetState.SUBMITTED for sheet in made)


def _wait(one: Play) -> None:
    """Move the clock on to the next thing that happens by itself."""
    now = clock.now(db.session)
    coming = [awaiting.upcoming(seat, now) for seat in one.review.seats]
    due = [step.at for step in coming if step is not None]
    if not due:
        raise Stuck
    moving.move(TICK * max(1, -((now - min(due)) // TICK)))


def _acts(one: Play) -> Iterator[None]:
    """What the reviewers do now, in the order of their seats; yields after each act."""
    now, doing = clock.now(db.session), {_K.SILENT: _nothing, _K.DECLINES: _decline}
    for seat_id in [seat.id for seat in one.review.seats]:
        seat = db.session.get_one(Seat, seat_id)
        kind = one.kind(seat)
        if seat.state is SeatState.INVITED:
            yield from doing.get(kind, _accept)(seat, now)
        elif seat.state is SeatState.ACCEPTED and kind is not _K.LAZY:
            yield from _score(one, seat, kind, now)


def _nothing(seat: Seat, now: datetime) -> Iterator[None]:
    yield from ()


def _decline(seat: Seat, now: datetime) -> Iterator[None]:
    answers.decline(_reviewer(seat), seat.id, data("simulated")["declines"], now)
    yield


def _accept(seat: Seat, now: datetime) -> Iterator[None]:
    answers.accept(_reviewer(seat), seat.id, now)
    yield


def _score(one: Play, seat: Seat, kind: Kind, now: datetime) -> Iterator[None]:
    """Hand in the sheets that are left, or one of them and leave."""
    actor, leniency = _reviewer(seat), one.leniency[seat.reviewer_id]
    drafts = [sheet for sheet in seat.sheets if sheet.state is SheetState.DRAFT]
    drafts.sort(key=lambda sheet: one.teams[sheet.bid_id])
    for sheet in drafts[:1] if kind is _K.LEAVES else drafts:
        given = _points(one, sheet, leniency)
        sheets.submit_sheet(actor, sheet.id, given, data("simulated")["reason"], now)
        yield
    if kind is _K.LEAVES and drafts:
        answers.decline(actor, seat.id, data("simulated")["gives_up"], now)
        yield


def _points(one: Play, sheet: Sheet, leniency: float) -> dict[UUID, Points]:
    """What a reviewer sees in a bid, criterion by criterion, in half points."""
    seen = one.worth[sheet.bid_id] + leniency
    return {
        row.id: Points(
            _half(row.weight, (seen + one.chance.normal(0, CHANCE)) / 100),
            data("simulated")["reason"],
        )
        for row in sheet.seat.round.challenge.criteria
    }


def _half(weight: int, share: float) -> Decimal:
    return Decimal(round(weight * min(max(share, 0.0), 1.0) * 2)) / 2


def _reviewer(seat: Seat) -> Actor:
    return accounts.actor_of(db.session.get_one(Person, seat.reviewer.person_id))
