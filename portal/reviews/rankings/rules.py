"""From score sheets to an order: exact decimals, by the challenge's published rule. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar
from uuid import UUID

CENT = Decimal("0.01")

Name = TypeVar("Name", UUID, str)
"""What tells bids apart."""

_Key = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Rule:
    """Drop one highest and one lowest from `trim_from` sheets on; below `pass_mark` is not fundable."""

    trim_from: int = 5
    pass_mark: Decimal = Decimal(70)


@dataclass(frozen=True)
class BidScores(Generic[Name]):
    """One bid's sheets: totals (0 to 100), and the points of the first criterion, which breaks ties."""

    bid_id: Name
    totals: tuple[Decimal, ...]
    first: tuple[Decimal, ...]


@dataclass(frozen=True)
class Place(Generic[Name]):
    """Where a bid stands; `tied` when no rule tells it from its neighbour."""

    bid_id: Name
    place: int
    mean: Decimal
    passed: bool
    tied: bool


def trimmed_mean(values: Sequence[Decimal], trim_from: int) -> Decimal:
    """The mean, without one highest and one lowest when there are enough; two places, half up.

    DOMAIN.md 2.4; its vector 88, 92, 75, 90, 61 gives 84.33. Raises ValueError without values.
    """
    kept = sorted(values)
    if len(kept) >= max(trim_from, 3):
        kept = kept[1:-1]
    if not kept:
        raise ValueError("no scores")
    return (sum(kept, Decimal(0)) / len(kept)).quantize(CENT, ROUND_HALF_UP)


def rank(bids: Sequence[BidScores[Name]], rule: Rule) -> list[Place[Name]]:
    """The order: mean, then the first criterion's mean, then the untrimmed mean; then tied."""
    keys: dict[Name, _Key] = {bid.bid_id: _key(bid, rule) for bid in bids}
    ordered = sorted(keys, key=lambda bid: (*(-part for part in keys[bid]), bid))
    alike = Counter(keys.values())
    places: list[Place[Name]] = []
    for position, bid in enumerate(ordered, 1):
        key = keys[bid]
        tied = alike[key] > 1
        place = places[-1].place if tied and places and keys[places[-1].bid_id] == key else position
        places.append(Place(bid, place, key[0], key[0] >= rule.pass_mark, tied))
    return places


def _key(bid: BidScores[Name], rule: Rule) -> _Key:
    return (
        trimmed_mean(bid.totals, rule.trim_from),
        trimmed_mean(bid.first, rule.trim_from),
        trimmed_mean(bid.totals, len(bid.totals) + 1),
    )
