"""What came of a simulated round: who did what, and how near the order is to the truth."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from uuid import UUID

from portal.core import clock
from portal.core.db import db
from portal.demo.simulation.playing import Kind, Play, handed_in
from portal.reviews.rankings import queries as rankings
from portal.reviews.rankings.models import Ranking
from portal.reviews.rounds.rules import SeatState
from portal.reviews.rounds.steps import StepKind
from portal.reviews.sheets.rules import SheetState


@dataclass(frozen=True)
class Summary:
    """`took` is by the portal's clock; the two last are Kendall's tau to the bids' worth: of the
    published order, and of the corrected scores (None where there is no advice)."""

    seats: list[tuple[str, Kind, SeatState, int]]
    """Name, kind, how the seat ended, sheets that count; in the order in which they were asked."""
    steps: dict[StepKind, int]
    sheets: int
    took: timedelta
    order: list[tuple[int, int, int, str]]
    """Place, number of the team, its true place, mean."""
    published: float
    corrected: float | None


def summary(one: Play) -> Summary:
    """Of a round that is ranked."""
    review = one.review
    ranking = rankings.last_of(db.session, review.id)
    if ranking is None:
        raise LookupError
    means = {place.bid_id: float(place.mean) for place in ranking.places}
    true = sorted(one.worth, key=lambda bid: -one.worth[bid])
    seats = sorted(review.seats, key=lambda seat: one.asked.index(seat.reviewer_id))
    return Summary(
        seats=[
            (
                seat.reviewer.person.name,
                one.kind(seat),
                seat.state,
                sum(sheet.state is SheetState.SUBMITTED for sheet in seat.sheets),
            )
            for seat in seats
        ],
        steps=dict(Counter(step.kind for seat in seats for step in seat.steps)),
        sheets=handed_in(review),
        took=clock.now(db.session) - review.started_at,
        order=[
            (place.place, one.teams[place.bid_id], true.index(place.bid_id) + 1, str(place.mean))
            for place in ranking.places
        ],
        published=tau(one.worth, means),
        corrected=_corrected(one.worth, ranking),
    )


def _corrected(worth: Mapping[UUID, float], ranking: Ranking) -> float | None:
    if ranking.advice is None:
        return None
    return tau(worth, {UUID(bid): said["score"] for bid, said in ranking.advice["bids"].items()})


def tau(one: Mapping[UUID, float], other: Mapping[UUID, float]) -> float:
    """Kendall's tau (a): pairs in the same order less those in the other, as a share of all; -1 to 1."""
    pairs = list(combinations(one, 2))
    same = sum(_sign(one[a] - one[b]) * _sign(other[a] - other[b]) for a, b in pairs)
    return same / len(pairs) if pairs else 0.0


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
