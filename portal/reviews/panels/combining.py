"""From the online review and the panel to one order: exact decimals, by the challenge's rule. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple
from uuid import UUID

from portal.reviews.panels.rules import Online, is_carried
from portal.reviews.rankings.rules import CENT

WHOLE = 100


@dataclass(frozen=True)
class Scored:
    """What the panel's sheets give a bid by the challenge's rule: the mean, and the values that tell
    equals apart."""

    mean: Decimal
    breaks: tuple[Decimal, ...]


@dataclass(frozen=True)
class Voted:
    """What a secret ballot said of a bid that was heard."""

    yes: int
    entitled: int


class Weighing(NamedTuple):
    """The challenge's rule: the panel's weight in percent, and the pass mark."""

    panel: int
    pass_mark: Decimal


@dataclass(frozen=True)
class Final:
    """Where a bid stands after the panel; `tied` when no rule tells it from its neighbour."""

    bid_id: UUID
    place: int
    mean: Decimal
    passed: bool
    tied: bool


class _Standing(NamedTuple):
    bid_id: UUID
    key: tuple[Decimal, ...]
    mean: Decimal
    passed: bool


HEARD, ABSENT, NOT_CALLED = Decimal(2), Decimal(1), Decimal(0)
"""Who was heard stands before who did not come, and these before who was not called."""


def combined(online: Decimal, panel: Decimal, weight: int) -> Decimal:
    """Both scores as one: the panel's counts `weight` of a hundred; two places, half up."""
    whole = online * (WHOLE - weight) + panel * weight
    return (whole / WHOLE).quantize(CENT, ROUND_HALF_UP)


def by_scores(
    online: Sequence[Online],
    heard: dict[UUID, Scored],
    absent: Iterable[UUID],
    weighing: Weighing,
) -> list[Final]:
    """The order by combined scores; equals are told apart by what the rule names, of the panel's
    sheets, else tied. Who was not heard follows as the online review has it, and has not passed.
    """
    return _places([_by_score(one, heard, set(absent), weighing) for one in online])


def _by_score(
    one: Online, heard: dict[UUID, Scored], absent: set[UUID], weighing: Weighing
) -> _Standing:
    given = heard.get(one.bid_id)
    if given is None:
        return _unheard(one, absent)
    mean = combined(one.mean, given.mean, weighing.panel)
    key = (HEARD, mean, *given.breaks)
    return _Standing(one.bid_id, key, mean, mean >= weighing.pass_mark)


def by_ballot(
    online: Sequence[Online], heard: dict[UUID, Voted], absent: Iterable[UUID]
) -> list[Final]:
    """The order by a ballot: whom two thirds are in favour of, then the others; in each, as the online
    review has them. Only the former have passed."""
    away, standings = set(absent), []
    for one in online:
        given = heard.get(one.bid_id)
        if given is None:
            standings.append(_unheard(one, away))
            continue
        carried = is_carried(given.yes, given.entitled)
        key = (HEARD, Decimal(carried), -Decimal(one.place))
        standings.append(_Standing(one.bid_id, key, one.mean, carried))
    return _places(standings)


def _unheard(one: Online, absent: set[UUID]) -> _Standing:
    tier = ABSENT if one.bid_id in absent else NOT_CALLED
    return _Standing(one.bid_id, (tier, -Decimal(one.place)), one.mean, passed=False)


def _places(standings: Sequence[_Standing]) -> list[Final]:
    ordered = sorted(standings, key=lambda one: (*(-part for part in one.key), one.bid_id))
    alike = Counter(one.key for one in standings)
    before = {one.key: 1 + sum(other.key > one.key for other in standings) for one in standings}
    return [
        Final(one.bid_id, before[one.key], one.mean, one.passed, alike[one.key] > 1)
        for one in ordered
    ]
