"""Who of the pool may be drawn for a challenge, and what stands in the way of the others."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.challenges.models import Challenge
from portal.core.db import Json
from portal.reviews.conflicts import queries as conflict_queries
from portal.reviews.conflicts import service as conflicts
from portal.reviews.draws import rules
from portal.reviews.draws.rules import Exclusion
from portal.reviews.pool import queries as pool_queries
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import is_full
from portal.reviews.rounds import queries as round_queries


class Expert(NamedTuple):
    """An expert of the pool, with the codes of what stands in the way; none for most."""

    reviewer: Reviewer
    codes: tuple[str, ...]


def experts(session: Session, challenge: Challenge, now: datetime) -> list[Expert]:
    """The whole pool as it stands for a challenge."""
    conflicts.find(session, challenge.id, now)
    excluded = conflict_queries.excluded(session, challenge.id)
    there = {one.id for one in pool_queries.available(session, now)}
    return [
        Expert(
            one,
            (
                *sorted({conflict.kind.value for conflict in excluded.get(one.id, ())}),
                *(() if one.id in there else (Exclusion.AWAY.value,)),
            ),
        )
        for one in pool_queries.active_pool(session)
    ]


def barred(
    session: Session, challenge: Challenge, reviewer_id: UUID, now: datetime
) -> tuple[str, ...]:
    """What stands in the way of an expert by now: a conflict found after the draw, an absence, or as
    many bids of other rounds as they take."""
    conflicts.find_of(session, challenge.id, reviewer_id, now)
    standing = conflict_queries.standing(session, reviewer_id, challenge.id)
    expert = pool_queries.if_available(session, reviewer_id, now)
    if expert is None:
        reasons = {Exclusion.AWAY.value}
    elif is_full(
        round_queries.held(session, reviewer_id),
        len(bids.eligible(session, challenge.id)),
        expert.max_load,
    ):
        reasons = {Exclusion.FULL.value}
    else:
        reasons = set()
    return (*sorted({conflict.kind.value for conflict in standing}), *sorted(reasons))


def pool_of(
    challenge: Challenge, number: int, salt: bytes, found: Iterable[Expert], before: Iterable[str]
) -> Json:
    """The pool to be frozen, as docs/verification.md has it; `before` were in an earlier draw."""
    known = set(before)
    seats = challenge.rules
    mix = rules.mix_of(seats.reviewers, seats.seats_industry, seats.seats_finance)
    strata: dict[str, list[list[str]]] = {stratum: [] for stratum in mix}
    excluded: list[list[object]] = []
    for reviewer, codes in found:
        alias, stratum = rules.alias(salt, reviewer.id), reviewer.stratum.value
        every = [*codes, *([Exclusion.DRAWN_BEFORE.value] if alias in known else [])]
        if every:
            excluded.append([alias, stratum, sorted(every)])
        else:
            strata[stratum].append([alias, rules.home(salt, reviewer.organisation_id)])
    return {
        "form": "jiebang-pool-v1",
        "challenge": str(challenge.id),
        "number": number,
        "mix": mix,
        "strata": {stratum: sorted(rows) for stratum, rows in strata.items()},
        "excluded": sorted(excluded, key=lambda row: str(row[0])),
    }


def lacking(pool: Json) -> Mapping[str, tuple[int, int]]:
    """The strata that cannot fill their seats from this pool: wanted, and organisations found."""
    homes = {stratum: {row[1] for row in rows} for stratum, rows in pool["strata"].items()}
    return rules.lacking(pool["mix"], homes)
