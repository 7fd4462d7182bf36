"""What an officer may change about one bid of a scenario: who fits next best, and who could exchange."""

import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from json import loads
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.core.errors import NotFound
from portal.reviews.allotment import queries
from portal.reviews.allotment.models import Scenario, ScenarioPair
from portal.reviews.assignment.instance import Instance, from_json, is_in
from portal.reviews.pool.models import Reviewer

NEXT = 15
EXCHANGES = 30
Others = dict[UUID, Reviewer]


@dataclass(frozen=True)
class Next:
    """An expert who does not read the bid: the fit, and how many places are left in the scenario."""

    reviewer: Reviewer
    percent: int
    left: int


@dataclass(frozen=True)
class Exchange:
    """An exchange of this bid's expert with another pair, and what the total gains by it."""

    own: ScenarioPair
    other: ScenarioPair
    gain: float


class Changing:
    """One bid of a solved scenario. Raises NotFound when it is not in it."""

    def __init__(self, session: Session, scenario: Scenario, bid_id: UUID) -> None:
        self._session, self._scenario = session, scenario
        self._pairs = queries.pairs(session, scenario.id)
        self.readers = [one for one in self._pairs if one.bid_id == bid_id]
        if not self.readers:
            raise NotFound
        self.bid = self.readers[0].bid

    @cached_property
    def _instance(self) -> Instance:
        return from_json(read(self._scenario))

    def following(self) -> list[Next]:
        """The best of those who may read the bid and do not."""
        instance = self._instance
        at, width = instance.bids.index(str(self.bid.id)), len(instance.reviewers)
        every = at * width + np.arange(width)
        reading = {str(one.reviewer_id) for one in self.readers}
        free = ~is_in(every, instance.conflicts)
        fits = np.where(free, instance.fits_of(every), -1.0)
        taken = Counter(str(one.reviewer_id) for one in self._pairs)
        order = [who for who in np.argsort(-fits, kind="stable").tolist() if fits[who] >= 0]
        best = [who for who in order if instance.reviewers[who] not in reading][:NEXT]
        people = self._people([UUID(instance.reviewers[who]) for who in best])
        return [
            Next(
                people[UUID(name)],
                round(float(fits[who]) * 100),
                int(instance.loads[who]) - taken[name],
            )
            for who, name in ((who, instance.reviewers[who]) for who in best)
            if UUID(name) in people
        ]

    def _people(self, ids: list[UUID]) -> Others:
        rows = self._session.scalars(
            select(Reviewer)
            .where(Reviewer.id.in_(ids))
            .options(joinedload(Reviewer.person), joinedload(Reviewer.organisation))
        )
        return {one.id: one for one in rows}

    def exchanges(self) -> list[Exchange]:
        """The exchanges that cost the total least, none of them across a conflict."""
        instance = self._instance
        bids = {name: at for at, name in enumerate(instance.bids)}
        people = {name: at for at, name in enumerate(instance.reviewers)}
        here = bids[str(self.bid.id)]
        reading = {one.reviewer_id for one in self.readers}
        pairs = [one for one in self._pairs if one.bid_id != self.bid.id]
        pairs = [one for one in pairs if one.reviewer_id not in reading and not one.fixed]
        there = np.array([bids[str(one.bid_id)] for one in pairs], np.int64)
        theirs = np.array([people[str(one.reviewer_id)] for one in pairs], np.int64)
        width, found = len(people), []
        for own in self.readers:
            mine = people[str(own.reviewer_id)]
            crossed = (here * width + theirs, there * width + mine)
            free = ~(is_in(crossed[0], instance.conflicts) | is_in(crossed[1], instance.conflicts))
            new = instance.fits_of(crossed[0]) + instance.fits_of(crossed[1])
            old = instance.fits_of(there * width + theirs) + float(own.fit)
            gains = np.where(free, new - old, -np.inf)
            best = np.argsort(-gains, kind="stable")[:EXCHANGES].tolist()
            found += [
                Exchange(own, pairs[at], float(gains[at])) for at in best if np.isfinite(gains[at])
            ]
        return sorted(found, key=lambda one: -one.gain)[:EXCHANGES]


def read(scenario: Scenario) -> Any:
    """The instance of a scenario, as `jiebang assign` reads it. Raises NotFound before it is solved."""
    if scenario.instance is None:
        raise NotFound
    return loads(zlib.decompress(scenario.instance))
