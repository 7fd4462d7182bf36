"""Money by quarter as columns: what was contracted beside what was paid, source upon source. Pure.

Across, places are in percent of the width; down, in pixels, so that text keeps its size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.core.money import WAN, FundSource
from portal.projects.boards.rules import Kind, quarters

TOP, FULL, FOOT = 24, 220, 40
"""Pixels above the highest column, of the highest, and below for the quarters."""
LEFT, RIGHT = 8.0, 1.0
THICK = 0.38
"""Of a quarter's room, each of its two columns."""
FEWEST = 4
"""Quarters for which there is room at least, so that one alone is no wall."""
LINES = 4
STEPS = (1, 2, 5, 10)

Sums = Mapping[tuple[Kind, str, FundSource], Decimal]
"""Yuan by kind, quarter and source."""


@dataclass(frozen=True)
class Piece:
    """What one source gives to one column."""

    kind: Kind
    quarter: str
    source: FundSource
    amount: Decimal
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Columns:
    """Columns over the quarters; `labels` and `lines` have a place and what stands there."""

    quarters: Sequence[str]
    pieces: Sequence[Piece]
    labels: Sequence[tuple[float, str]]
    lines: Sequence[tuple[float, Decimal]]

    @property
    def foot(self) -> int:
        """Where the columns stand."""
        return TOP + FULL

    @property
    def height(self) -> int:
        """All of it, in pixels."""
        return TOP + FULL + FOOT


def columns(sums: Sums) -> Columns:
    """Columns of these sums, every quarter from the first to the last."""
    known = quarters(quarter for _, quarter, _ in sums)
    heights: dict[tuple[Kind, str], Decimal] = {}
    for (kind, quarter, _), amount in sums.items():
        heights[kind, quarter] = heights.get((kind, quarter), Decimal(0)) + amount
    step = _step(max(heights.values(), default=Decimal(0)))
    top = step * LINES
    room = (100 - LEFT - RIGHT) / max(len(known), FEWEST)
    pieces = [
        piece
        for place, quarter in enumerate(known)
        for number, kind in enumerate(Kind)
        for piece in _stack(
            sums, kind, quarter, LEFT + room * (place + 0.1 + number * 0.4), room, top
        )
    ]
    labels = [(round(LEFT + room * (place + 0.5), 2), q) for place, q in enumerate(known)]
    lines = [(_y(step * number, top), step * number) for number in range(LINES + 1)]
    return Columns(known, pieces, labels, lines)


def _stack(
    sums: Sums, kind: Kind, quarter: str, x: float, room: float, top: Decimal
) -> Sequence[Piece]:
    """One column, from its foot upwards in the order of the sources."""
    found, below = [], Decimal(0)
    for source in FundSource:
        amount = sums.get((kind, quarter, source), Decimal(0))
        if amount > 0:
            y, height = _y(below + amount, top), float(FULL * amount / top)
            found.append(
                Piece(kind, quarter, source, amount, round(x, 2), y, round(room * THICK, 2), height)
            )
            below += amount
    return found


def _y(amount: Decimal, top: Decimal) -> float:
    return float(TOP + FULL - FULL * amount / top)


def _step(highest: Decimal) -> Decimal:
    """A quarter of the axis, in yuan: 1, 2 or 5 of a power of ten in 万元."""
    step = WAN
    while step * LINES * STEPS[-1] < highest:
        step *= 10
    return next(step * factor for factor in STEPS if step * factor * LINES >= highest)
