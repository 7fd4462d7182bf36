"""Where the marks of a plot of rows stand, in percent of the width; texts come from the page. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

EDGE = 2.0
"""Percent left free at either side, so that no mark is cut."""
TOP, ROW, LABEL, TRACK, FOOT = 6, 48, 14, 30, 24
"""In pixels: the space above, a row, where its label and its line stand in it, the axis below."""
STEPS = (1, 2, 5, 10, 20, 25, 50)
TICKS_MOST = 8


@dataclass(frozen=True)
class Mark:
    """A sign at `x`; `kind` says what it looks like: dot, mean, far; done, open, late."""

    x: float
    kind: str
    title: str


@dataclass(frozen=True)
class Row:
    """One line of a plot: its label, perhaps a bar between two places, and its marks."""

    label: str
    y: int
    bar: tuple[float, float] | None
    marks: tuple[Mark, ...]

    @property
    def track(self) -> int:
        """Where the line runs."""
        return self.y + TRACK

    @property
    def text(self) -> int:
        """Where the label stands."""
        return self.y + LABEL


@dataclass(frozen=True)
class Plot:
    """A plot of rows over one axis."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float | None = None

    @property
    def height(self) -> int:
        """In pixels, with the axis."""
        return self.foot + FOOT

    @property
    def foot(self) -> int:
        """Where the axis begins."""
        return TOP + ROW * len(self.rows)


@dataclass(frozen=True)
class Line:
    """What a row is made of, in the axis' own unit."""

    label: str
    bar: tuple[float, float] | None
    marks: Sequence[tuple[float, str, str]]
    """Value, kind and title of each."""


def plot(lines: Sequence[Line], low: float, high: float, marks_zero: bool = False) -> Plot:
    """Rows over an axis that reaches at least from `low` to `high`, in even steps."""
    values = [low, high, *(value for line in lines for value in _values(line))]
    step = _step(max(values) - min(values))
    start, end = floor(min(values) / step) * step, ceil(max(values) / step) * step
    end = max(end, start + step)
    ticks = [(value, str(value)) for value in range(start, end + 1, step)]
    return rows_over(lines, start, end, ticks, 0 if marks_zero else None)


def rows_over(
    lines: Sequence[Line],
    start: float,
    end: float,
    ticks: Sequence[tuple[float, str]],
    zero: float | None = None,
) -> Plot:
    """Rows over an axis from `start` to `end`, which are apart, with a line at `zero`."""

    def at(value: float) -> float:
        return round(EDGE + (100 - 2 * EDGE) * (value - start) / (end - start), 2)

    rows = tuple(_row(line, TOP + ROW * number, at) for number, line in enumerate(lines))
    placed = tuple((at(value), text) for value, text in ticks)
    return Plot(rows, placed, None if zero is None else at(zero))


def _values(line: Line) -> Iterable[float]:
    yield from line.bar or ()
    yield from (value for value, _, _ in line.marks)


def _step(width: float) -> int:
    return next((step for step in STEPS if width / step <= TICKS_MOST), STEPS[-1])


def _row(line: Line, y: int, at: Callable[[float], float]) -> Row:
    bar = (at(line.bar[0]), at(line.bar[1])) if line.bar else None
    return Row(line.label, y, bar, tuple(Mark(at(x), kind, title) for x, kind, title in line.marks))
