"""The picture of money from its sources through challenges to projects; exact, and pure.

Across, places are in percent of the width; down, in pixels, as fractions: the widths of a node's
bands are its height, to the cent.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from portal.core.money import FundSource

FULL = 300
"""Pixels that all the money is high."""
GAP = 30
"""Pixels between two nodes, in which the label of the lower one stands."""
COLUMNS = (Fraction(0), Fraction(37), Fraction(74))
THICK = Fraction(3, 2)
MOST_CHALLENGES, MOST_PROJECTS = 8, 14
ZERO = Fraction(0)
REST = ""
"""The key of what is too little to be drawn on its own."""
ORDER = {source: place for place, source in enumerate(FundSource)}


@dataclass(frozen=True)
class Flow:
    """Yuan of one source that go to one project through its challenge, each named by its code."""

    source: FundSource
    challenge: str
    project: str
    amount: Decimal


@dataclass(frozen=True)
class Node:
    """A source, a challenge or a project; `key` names it within its column."""

    column: int
    key: str
    amount: Decimal
    y: Fraction
    height: Fraction

    @property
    def x(self) -> Fraction:
        """Its left side."""
        return COLUMNS[self.column]

    @property
    def code(self) -> str:
        """The code of its challenge or project; empty for what was put together."""
        return self.key.rpartition("/")[2]

    @property
    def label(self) -> Fraction:
        """Where its words stand."""
        return self.y - 6


@dataclass(frozen=True)
class Band:
    """Money of one source on its way from a node to one of the next column."""

    source: FundSource
    column: int
    left: str
    right: str
    amount: Decimal
    y0: Fraction
    y1: Fraction
    width: Fraction

    @property
    def path(self) -> str:
        """Its outline as SVG draws it, curved from node to node."""
        x0, x1 = COLUMNS[self.column] + THICK, COLUMNS[self.column + 1]
        bend = (x0 + x1) / 2
        numbers = (x0, self.y0, bend, self.y0, bend, self.y1, x1, self.y1)
        back = (bend, self.y1 + self.width, bend, self.y0 + self.width, x0, self.y0 + self.width)
        there = "M{} {}C{} {} {} {} {} {}".format(*map(_shown, numbers))
        down = f"V{_shown(self.y1 + self.width)}"
        return there + down + "C{} {} {} {} {} {}Z".format(*map(_shown, back))


@dataclass(frozen=True)
class Picture:
    """Nodes and bands; `height` in pixels."""

    nodes: Sequence[Node]
    bands: Sequence[Band]
    height: int


def _high(amount: Decimal, total: Decimal) -> Fraction:
    return FULL * Fraction(amount) / Fraction(total)


def _shown(number: Fraction) -> str:
    return f"{float(number):.2f}"


def folded(flows: Sequence[Flow]) -> list[Flow]:
    """The same money with what is smallest put together, so that a picture stays readable."""
    large = _largest(flows, lambda flow: flow.challenge, MOST_CHALLENGES)
    kept = [flow for flow in flows if flow.challenge in large]
    drawn = _largest(kept, lambda flow: flow.project, MOST_PROJECTS)
    sums: defaultdict[tuple[FundSource, str, str], Decimal] = defaultdict(Decimal)
    for flow in flows:
        challenge = flow.challenge if flow.challenge in large else REST
        project = flow.project if challenge and flow.project in drawn else REST
        sums[flow.source, challenge, project] += flow.amount
    return [Flow(*key, amount) for key, amount in sums.items()]


def _largest(flows: Sequence[Flow], key: Callable[[Flow], str], most: int) -> set[str]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for flow in flows:
        sums[key(flow)] += flow.amount
    return set(sorted(sums, key=lambda name: (-sums[name], name))[:most])


def crossings(upper: Iterable[int], lower: Iterable[int]) -> int:
    """How many of the lines from two neighbours cross, if `upper` leads to these places."""
    below = list(lower)
    return sum(place > other for place in upper for other in below)


def in_order(sources: dict[str, set[int]], weight: dict[str, Decimal]) -> list[str]:
    """Challenges so that bands from the sources, whose order is fixed, cross as little as may be.

    `sources` has the places of each one's sources. The mean of these places is without a crossing
    wherever that can be; and of four sources no two neighbours would do better the other way round.
    """

    def mean(name: str) -> Fraction:
        return Fraction(sum(sources[name]), len(sources[name]))

    return sorted(sources, key=lambda name: (mean(name), name == REST, -weight[name], name))


def picture(flows: Sequence[Flow]) -> Picture:
    """Where each node and band stands; flows of nothing are left out."""
    flows = [flow for flow in folded(flows) if flow.amount > 0]
    total = sum((flow.amount for flow in flows), Decimal(0))
    if not total:
        return Picture((), (), 0)
    rows = _rows(flows)
    tallest = max(len(keys) for keys in rows)
    nodes = [
        node for column, keys in enumerate(rows) for node in _column(column, keys, flows, total)
    ]
    return Picture(nodes, _bands(rows, nodes, flows, total), FULL + GAP * (tallest + 1))


def _key(flow: Flow, column: int) -> str:
    """The node of a flow in a column; a project's rest belongs to its challenge."""
    names = (flow.source.value, flow.challenge, f"{flow.challenge}/{flow.project}")
    return names[column]


def _rows(flows: Sequence[Flow]) -> list[list[str]]:
    """The keys of each column, from above."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    weight: defaultdict[str, Decimal] = defaultdict(Decimal)
    for flow in flows:
        places[flow.challenge].add(ORDER[flow.source])
        for column in (1, 2):
            weight[_key(flow, column)] += flow.amount
    challenges = in_order(places, weight)
    known = sorted(
        {(challenges.index(flow.challenge), not flow.project, _key(flow, 2)) for flow in flows},
        key=lambda found: (found[0], found[1], -weight[found[2]], found[2]),
    )
    sources = sorted({flow.source for flow in flows}, key=ORDER.__getitem__)
    return [[s.value for s in sources], challenges, [key for _, _, key in known]]


def _column(
    column: int, keys: Sequence[str], flows: Sequence[Flow], total: Decimal
) -> Iterable[Node]:
    y = Fraction(GAP)
    for key in keys:
        amount = sum((f.amount for f in flows if _key(f, column) == key), Decimal(0))
        height = _high(amount, total)
        yield Node(column, key, amount, y, height)
        y += height + GAP


def _bands(
    rows: Sequence[Sequence[str]], nodes: Sequence[Node], flows: Sequence[Flow], total: Decimal
) -> list[Band]:
    """Bands of both gaps; at either end they lie in the order of where they come from or go to."""
    found = []
    for column in (0, 1):
        place = [{key: at for at, key in enumerate(keys)} for keys in rows]
        sums: defaultdict[tuple[str, str, FundSource], Decimal] = defaultdict(Decimal)
        for flow in flows:
            sums[_key(flow, column), _key(flow, column + 1), flow.source] += flow.amount
        bands = [
            Band(source, column, left, right, amount, ZERO, ZERO, _high(amount, total))
            for (left, right, source), amount in sums.items()
        ]
        left_at, right_at = place[column], place[column + 1]
        bands.sort(key=lambda b: (left_at[b.left], right_at[b.right], ORDER[b.source]))
        bands = _stacked(bands, nodes, column, lambda b: b.left, _leaving)
        bands.sort(key=lambda b: (right_at[b.right], left_at[b.left], ORDER[b.source]))
        found += _stacked(bands, nodes, column + 1, lambda b: b.right, _arriving)
    return found


Put = Callable[[Band, Fraction], Band]


def _leaving(band: Band, y: Fraction) -> Band:
    return replace(band, y0=y)


def _arriving(band: Band, y: Fraction) -> Band:
    return replace(band, y1=y)


def _stacked(
    bands: Sequence[Band], nodes: Sequence[Node], column: int, key: Callable[[Band], str], put: Put
) -> list[Band]:
    """One band under the other at the nodes of a column."""
    free = {node.key: node.y for node in nodes if node.column == column}
    placed = []
    for band in bands:
        placed.append(put(band, free[key(band)]))
        free[key(band)] += band.width
    return placed
