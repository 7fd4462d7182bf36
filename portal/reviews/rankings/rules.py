"""From score sheets to an order: exact decimals, by the challenge's published rule. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar
from uuid import UUID

from portal.challenges.ranking_rule import TieBreak

CENT = Decimal("0.01")

Name = TypeVar("Name", UUID, str)
"""What tells bids apart."""


@dataclass(frozen=True)
class Rule:
    """Drop one highest and one lowest from `trim_from` sheets on, or never; below `pass_mark`, or
    without two thirds in favour where there is a `vote`, a bid is not fundable; `ties` in order."""

    trim_from: int | None = 5
    pass_mark: Decimal = Decimal(70)
    vote: bool = False
    ties: tuple[TieBreak, ...] = (TieBreak.CRITERION_1, TieBreak.ALL)


@dataclass(frozen=True)
class BidScores(Generic[Name]):
    """One bid's sheets: totals (0 to 100), each criterion's points, and the votes in favour."""

    bid_id: Name
    totals: tuple[Decimal, ...]
    criteria: tuple[tuple[Decimal, ...], ...]
    """By criterion in the rubric's order; within it a number for each sheet."""
    votes: int = 0


@dataclass(frozen=True)
class Place(Generic[Name]):
    """Where a bid stands; `tied` when no rule tells it from its neighbour."""

    bid_id: Name
    place: int
    mean: Decimal
    passed: bool
    tied: bool
    breaks: tuple[Decimal, ...] = ()
    """The values of the rule's `ties`, in its order."""
    votes: int | None = None


def trimmed_mean(values: Sequence[Decimal], trim_from: int | None) -> Decimal:
    """The mean, without one highest and one lowest when there are enough; two places, half up.

    The vector 88, 92, 75, 90, 61 gives 84.33. Raises ValueError without values.
    """
    kept = sorted(values)
    if trim_from is not None and len(kept) >= max(trim_from, 3):
        kept = kept[1:-1]
    if not kept:
        raise ValueError("no scores")
    return (sum(kept, Decimal(0)) / len(kept)).quantize(CENT, ROUND_HALF_UP)


def is_carried(votes: int, of: int) -> bool:
    """Whether two thirds are in favour."""
    return votes * 3 >= of * 2


def rank(bids: Sequence[BidScores[Name]], rule: Rule) -> list[Place[Name]]:
    """The order: the score, then what the rule names, in its order; then tied."""
    keys: dict[Name, tuple[Decimal, ...]] = {bid.bid_id: _key(bid, rule) for bid in bids}
    known = {bid.bid_id: bid for bid in bids}
    ordered = sorted(keys, key=lambda bid: (*(-part for part in keys[bid]), bid))
    alike = Counter(keys.values())
    places: list[Place[Name]] = []
    for position, name in enumerate(ordered, 1):
        key, bid = keys[name], known[name]
        tied = alike[key] > 1
        same = tied and places and keys[places[-1].bid_id] == key
        carried = not rule.vote or is_carried(bid.votes, len(bid.totals))
        places.append(
            Place(
                bid_id=name,
                place=places[-1].place if same else position,
                mean=key[0],
                passed=key[0] >= rule.pass_mark and carried,
                tied=tied,
                breaks=key[1:],
                votes=bid.votes if rule.vote else None,
            )
        )
    return places


def _key(bid: BidScores[Name], rule: Rule) -> tuple[Decimal, ...]:
    return (
        trimmed_mean(bid.totals, rule.trim_from),
        *(_told_apart(bid, tie, rule.trim_from) for tie in rule.ties),
    )


def _told_apart(bid: BidScores[Name], tie: TieBreak, trim_from: int | None) -> Decimal:
    """The value of a bid by which equals are told apart; a criterion that there is not is 0."""
    if tie is TieBreak.VOTES:
        return Decimal(bid.votes)
    if tie.criterion is None:
        return trimmed_mean(bid.totals, None)
    if tie.criterion >= len(bid.criteria):
        return Decimal(0)
    return trimmed_mean(bid.criteria[tie.criterion], trim_from)
