"""Bars of a plot in the units of its picture: how many experts have how many bids, and the like. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 200.0
LEFT, TOP, BOTTOM = 8.0, 24.0, 32.0
GAP = 0.2
"""Of a bar's room, what stays white."""
BINS = 10
FEWEST = 6
"""Bars for which there is room at least, so that one alone is no wall."""


@dataclass(frozen=True)
class Bar:
    """One bar; `row` says of which of the compared it is."""

    label: str
    count: int
    row: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its number stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Plot:
    """Bars side by side over their labels, of one or two solutions."""

    labels: Sequence[tuple[str, float]]
    bars: Sequence[Bar]
    rows: Sequence[tuple[str, Sequence[int]]]
    """For the table: label, and a count for each."""


def histogram(labels: Sequence[str], *counts: Sequence[int]) -> Plot:
    """Bars for these counts, one row of them for each sequence; all of one length."""
    room = (WIDTH - 2 * LEFT) / max(len(labels), FEWEST)
    most = max((max(row, default=0) for row in counts), default=0) or 1
    full, thick = HEIGHT - TOP - BOTTOM, room * (1 - GAP) / max(len(counts), 1)
    bars = []
    for number, row in enumerate(counts):
        for at, count in enumerate(row):
            height = full * count / most
            x = LEFT + at * room + room * GAP / 2 + number * thick
            sizes = (x, HEIGHT - BOTTOM - height, thick, height)
            bars.append(Bar(labels[at], count, number, *(round(one, 1) for one in sizes)))
    places = [(label, round(LEFT + (at + 0.5) * room, 1)) for at, label in enumerate(labels)]
    return Plot(
        places, bars, [(label, [row[at] for row in counts]) for at, label in enumerate(labels)]
    )


def of_loads(*loads: Iterable[int]) -> Plot:
    """How many experts have 1, 2, ... bids."""
    every = [list(one) for one in loads]
    most = max((max(one, default=0) for one in every), default=0)
    labels = [str(number) for number in range(1, most + 1)]
    return histogram(labels, *([one.count(int(label)) for label in labels] for one in every))


def of_fits(*fits: Iterable[float]) -> Plot:
    """How many bids have a mean fit within each tenth."""
    labels = [f"{at * 10}–{at * 10 + 10}" for at in range(BINS)]
    counts = []
    for some in fits:
        row = [0] * BINS
        for fit in some:
            row[min(int(fit * BINS), BINS - 1)] += 1
        counts.append(row)
    return histogram(labels, *counts)
