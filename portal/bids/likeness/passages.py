"""Two texts side by side: how much of the shorter stands in the other, and which passages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from portal.bids.likeness.join import is_common
from portal.bids.likeness.plain import Plain, plain
from portal.bids.likeness.sketch import GRAM, Flags, Hashes, among, grams, sampled

NOTHING = np.empty(0, np.uint64)
BRIDGE = 24
"""A changed stretch up to so many characters does not end a passage."""
SHORTEST = 16
"""A passage of fewer common characters is not shown."""
REPEATS = 4
"""A shingle that recurs is looked at so many times in the other text."""
Run = tuple[int, int, int]
"""A place among the words of one text, the same of the other, and so many characters."""


@dataclass(frozen=True)
class Stretch:
    """Places in the two originals between which the same is said, in the same words."""

    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """Stretches that follow one another in both texts, with small changes between them."""

    stretches: tuple[Stretch, ...]
    length: int
    """How many characters the stretches have in common."""

    @property
    def left(self) -> tuple[int, int]:
        """Its beginning and end in the first text."""
        return self.stretches[0].left[0], self.stretches[-1].left[1]

    @property
    def right(self) -> tuple[int, int]:
        """Its beginning and end in the second text."""
        return self.stretches[0].right[0], self.stretches[-1].right[1]


@dataclass(frozen=True)
class Side:
    """One text, ready to be compared: `foreign` shingles are the call's or a template's; `breaks`
    are the places among its words at which a part begins."""

    words: Plain
    hashes: Hashes
    foreign: Flags
    breaks: NDArray[np.int64]

    @cached_property
    def own(self) -> Flags:
        """Which characters are the text's own."""
        return ~_covered(self.foreign, len(self.words))

    @cached_property
    def size(self) -> int:
        """How many characters are its own."""
        return int(self.own.sum())

    @cached_property
    def ranked(self) -> Hashes:
        """Its hashes in order, each once."""
        return np.unique(self.hashes)


def side(
    text: str, known: Hashes = NOTHING, common: Hashes = NOTHING, starts: Sequence[int] = ()
) -> Side:
    """A text with the shingles marked that the call says itself, or that stand in many texts, and
    with its parts, of which `starts` are the beginnings."""
    words = plain(text)
    hashes = grams(words.codes)
    breaks = np.searchsorted(words.places, np.array(starts, np.int64))
    return Side(words, hashes, among(hashes, known) | _between(hashes, common), breaks)


def _between(hashes: Hashes, common: Hashes) -> Flags:
    """Shingles of templates: one in eight is known, those between two such must be like them."""
    places = np.flatnonzero(sampled(hashes))
    flags = is_common(hashes[places], common)
    if not flags.any():
        return np.zeros(len(hashes), np.bool_)
    padded = np.concatenate(([True], flags, [True]))
    following = np.searchsorted(places, np.arange(len(hashes)))
    both: Flags = padded[following] & padded[following + 1]
    both[places] = flags
    return both


def _covered(flags: Flags, length: int) -> Flags:
    """The characters that some flagged shingle covers."""
    places = np.flatnonzero(flags)
    begun = np.bincount(places, minlength=length + 1)
    ended = np.bincount(places + GRAM, minlength=length + 1)
    return np.cumsum(begun - ended)[:length] > 0


def score(one: Side, other: Side) -> float:
    """The share of the shorter text's own characters that the other has as well, 0 to 1."""
    if one.size == other.size:
        return max(_share(one, other), _share(other, one))
    return _share(one, other) if one.size < other.size else _share(other, one)


def _share(one: Side, other: Side) -> float:
    if not one.size:
        return 0.0
    shared = among(one.hashes, other.ranked)
    return int((_covered(shared, len(one.words)) & one.own).sum()) / one.size


def passages(one: Side, other: Side) -> list[Passage]:
    """What both say, the longest first; each within one part of either text."""
    left, right = _matches(one, other)
    found: list[list[Run]] = []
    for run in _cut(_runs(left, right), one, other):
        last = found[-1][-1] if found else None
        if last and _follows(last, run) and _parts(last, one, other) == _parts(run, one, other):
            found[-1].append(run)
        else:
            found.append([run])
    made = [_passage(one, other, runs) for runs in found]
    shown = [passage for passage in made if passage.length >= SHORTEST]
    return sorted(shown, key=lambda passage: (-passage.length, passage.left))


def _matches(one: Side, other: Side) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the same shingle in both, apart from those that are foreign."""
    order = np.argsort(other.hashes, kind="stable")
    ranked = other.hashes[order]
    mine = np.flatnonzero(~one.foreign)
    first = np.searchsorted(ranked, one.hashes[mine], "left")
    times = np.searchsorted(ranked, one.hashes[mine], "right") - first
    times = np.minimum(times, REPEATS)
    left = np.repeat(mine, times)
    nth = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
    right = order[np.repeat(first, times) + nth]
    fair = ~other.foreign[right] if len(right) else np.zeros(0, np.bool_)
    return left[fair], right[fair]


def _runs(left: NDArray[np.int64], right: NDArray[np.int64]) -> list[Run]:
    """Runs, none inside another."""
    if not len(left):
        return []
    order = np.lexsort((left, right - left))
    left, right = left[order], right[order]
    breaks = (np.diff(right - left) != 0) | (np.diff(left) != 1)
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    lengths = np.diff(np.append(starts, len(left))) + GRAM - 1
    taken_left = np.zeros(int(left.max()) + GRAM, np.bool_)
    kept = []
    for spot in np.argsort(-lengths, kind="stable"):
        begin, to, length = int(left[starts[spot]]), int(right[starts[spot]]), int(lengths[spot])
        if taken_left[begin : begin + length].all():
            continue
        taken_left[begin : begin + length] = True
        kept.append((begin, to, length))
    return sorted(kept)


def _cut(runs: list[Run], one: Side, other: Side) -> Iterator[Run]:
    """The runs, cut wherever a part of either text begins."""
    for begin, to, length in runs:
        mine = one.breaks[(one.breaks > begin) & (one.breaks < begin + length)] - begin
        theirs = other.breaks[(other.breaks > to) & (other.breaks < to + length)] - to
        ends = sorted({0, length, *mine.tolist(), *theirs.tolist()})
        for start, end in pairwise(ends):
            yield begin + start, to + start, end - start


def _parts(run: Run, one: Side, other: Side) -> tuple[int, int]:
    """In which part of either text a run lies."""
    mine = np.searchsorted(one.breaks, run[0], "right")
    return int(mine), int(np.searchsorted(other.breaks, run[1], "right"))


def _follows(last: Run, following: Run) -> bool:
    gaps = (following[0] - last[0] - last[2], following[1] - last[1] - last[2])
    return all(-GRAM < gap <= BRIDGE for gap in gaps)


def _passage(one: Side, other: Side, runs: list[Run]) -> Passage:
    stretches = tuple(
        Stretch(_original(one, begin, length), _original(other, to, length))
        for begin, to, length in runs
    )
    return Passage(stretches, sum(length for _, _, length in runs))


def _original(one: Side, begin: int, length: int) -> tuple[int, int]:
    places = one.words.places
    return int(places[begin]), int(places[begin + length - 1]) + 1
