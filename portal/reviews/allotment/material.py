"""What an assignment is made of: the call's bids, the pool's experts, conflicts, and what is fixed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from portal.bids.models import BidVersion
from portal.core.crypto import canonical
from portal.reviews.allotment import queries
from portal.reviews.allotment.fits import Fits, Knowledge, Report, Subject
from portal.reviews.allotment.rules import OrderKind, Wanted
from portal.reviews.assignment.instance import Instance, Pairs, is_in, merged
from portal.reviews.conflicts import queries as conflicts
from portal.reviews.pool.disciplines import names
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum

Pair = tuple[UUID, UUID]
"""Bid, reviewer."""
STRATA = tuple(Stratum)


@dataclass(frozen=True)
class Material:
    """Bids and experts in the order in which they are numbered, with the places that are left."""

    bids: tuple[UUID, ...]
    experts: tuple[UUID, ...]
    organisations: tuple[UUID, ...]
    strata: tuple[Stratum, ...]
    places: tuple[int, ...]
    conflicts: frozenset[Pair]
    fits: Fits


def gathered(
    session: Session,
    call_id: UUID,
    versions: Iterable[BidVersion],
    topics: Mapping[str, list[str]],
    now: datetime,
) -> Material:
    """Everything that a solution of these bids rests on, as it stands now."""
    bids, people = list(versions), queries.candidates(session, now)
    subjects = [_subject(one, topics.get(str(one.bid.challenge_id), ())) for one in bids]
    return Material(
        bids=tuple(one.bid_id for one in bids),
        experts=tuple(one.id for one, _ in people),
        organisations=tuple(one.organisation_id for one, _ in people),
        strata=tuple(one.stratum for one, _ in people),
        places=tuple(left for _, left in people),
        conflicts=frozenset((row[1], row[0]) for row in conflicts.pairs(session, call_id)),
        fits=Fits(subjects, [_knowledge(one) for one, _ in people]),
    )


def _subject(version: BidVersion, codes: Iterable[str]) -> Subject:
    terms, challenge = version.fields["terms"], version.bid.challenge
    parts = [terms.get(name, "") for name in ("title", "summary", "route")]
    parts += [challenge.title, challenge.field, challenge.summary]
    return Subject(tuple(codes), "\n".join(parts))


def _knowledge(one: Reviewer) -> Knowledge:
    words = [*one.keywords, *names(one.disciplines, "zh"), one.title, one.about]
    return Knowledge(tuple(one.disciplines), tuple(one.keywords), "\n".join(words))


def instance_of(
    found: Material, wanted: Wanted, orders: Iterable[tuple[OrderKind, Pair]], report: Report
) -> Instance:
    """What is solved: orders on bids or people who are no longer there do not count."""
    told = list(orders)
    fixed = _pairs(found, (pair for kind, pair in told if kind is OrderKind.FIX))
    banned = _pairs(found, (pair for kind, pair in told if kind is OrderKind.BAN))
    clashes = merged(_pairs(found, found.conflicts), banned)
    pairs, fits = found.fits.listed(report)
    if len(fixed):
        pairs, fits = _with_fixed(found, pairs, fits, fixed)
    keep = ~is_in(pairs, clashes)
    most = wanted.load_most or max(found.places, default=0)
    minima = {STRATA.index(Stratum(name)): least for name, least in wanted.minima.items() if least}
    homes = {one: number for number, one in enumerate(dict.fromkeys(found.organisations))}
    return Instance(
        bids=[str(one) for one in found.bids],
        reviewers=[str(one) for one in found.experts],
        reviews=np.full(len(found.bids), wanted.reviews),
        loads=np.minimum(np.array(found.places, np.int64), most),
        pairs=pairs[keep],
        fits=np.round(fits[keep], 6),
        conflicts=clashes,
        organisations=np.array([homes[one] for one in found.organisations], np.int64),
        strata=np.array([STRATA.index(one) for one in found.strata], np.int64),
        minima={bid: dict(minima) for bid in range(len(found.bids))} if minima else {},
        fixed=fixed,
    )


def _pairs(found: Material, some: Iterable[Pair]) -> Pairs:
    bids = {one: number for number, one in enumerate(found.bids)}
    people = {one: number for number, one in enumerate(found.experts)}
    numbers = [
        bids[bid] * len(people) + people[who] for bid, who in some if bid in bids and who in people
    ]
    return merged(np.array(numbers, np.int64))


def _with_fixed(found: Material, pairs: Pairs, fits: Any, fixed: Pairs) -> tuple[Pairs, Any]:
    """The listed pairs, and those that are fixed whether they were among the best or not."""
    new = fixed[~is_in(fixed, pairs)]
    bids, people = np.divmod(new, max(len(found.experts), 1))
    told = [
        found.fits.fit(bid, who) for bid, who in zip(bids.tolist(), people.tolist(), strict=True)
    ]
    every, values = np.concatenate([pairs, new]), np.concatenate([fits, np.array(told, float)])
    order = np.argsort(every)
    return every[order], values[order]


def written(instance: Instance) -> bytes:
    """An instance as `jiebang assign` reads it, in the one form that a fingerprint is of."""
    rows, columns = instance.split(instance.pairs)
    kinds = [one.value for one in STRATA]
    homes, strata = instance.organisations.tolist(), instance.strata.tolist()
    people = zip(instance.reviewers, instance.loads.tolist(), homes, strata, strict=True)
    told = {
        "reviewers": [
            {"id": name, "max_load": load, "organisation": home, "stratum": kinds[stratum]}
            for name, load, home, stratum in people
        ],
        "bids": [_bid(instance, number) for number in range(len(instance.bids))],
        "fit": {
            "rows": rows.tolist(),
            "cols": columns.tolist(),
            "values": instance.fits.tolist(),
        },
        "conflicts": _named(instance, instance.conflicts),
        "fixed": _named(instance, instance.fixed),
    }
    return canonical(told)


def _bid(instance: Instance, number: int) -> dict[str, Any]:
    minima = instance.minima.get(number, {})
    strata = {STRATA[kind].value: least for kind, least in minima.items()}
    said = {"id": instance.bids[number], "reviews": int(instance.reviews[number])}
    return {**said, "strata": strata} if strata else said


def _named(instance: Instance, pairs: Pairs) -> list[list[str]]:
    bids, people = (some.tolist() for some in instance.split(pairs))
    return [
        [instance.bids[bid], instance.reviewers[who]] for bid, who in zip(bids, people, strict=True)
    ]
