"""From texts to pairs that are alike: sketched, joined, and then looked at word by word."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from portal.bids.likeness.join import Joined, join
from portal.bids.likeness.passages import Side, score, side
from portal.bids.likeness.plain import plain
from portal.bids.likeness.sketch import Hashes, sketch

LISTED = 0.10
"""The share of the shorter text from which on a pair is shown."""
LEAST = 120
"""Characters that must be the same as well: a short form has little to say of its own."""


@dataclass(frozen=True)
class Said:
    """A text, and where in it each of its parts begins: no passage goes beyond a part."""

    text: str
    starts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Pair:
    """Two texts by their numbers, and how alike they are, 0 to 1."""

    first: int
    second: int
    score: float


def verified(
    joined: Joined,
    text_of: Callable[[int], Said],
    known_of: Callable[[int, int], Hashes],
    listed: float = LISTED,
) -> Iterator[tuple[Pair, Side, Side]]:
    """The joined pairs that are alike indeed; `known_of` is what the calls of both say."""
    for first, second in zip(joined.first.tolist(), joined.second.tolist(), strict=True):
        known = known_of(first, second)
        one, other = (
            side(said.text, known, joined.common, said.starts)
            for said in (text_of(first), text_of(second))
        )
        share = score(one, other)
        if share >= listed and share * min(one.size, other.size) >= LEAST:
            yield Pair(first, second, share), one, other


def alike(texts: Sequence[str], known: Hashes, listed: float = LISTED) -> list[Pair]:
    """All pairs of texts that are alike, apart from what `known` says."""
    joined = join([sketch(plain(text).codes, known) for text in texts])
    found = verified(joined, lambda number: Said(texts[number]), lambda *_: known, listed)
    return [pair for pair, _, _ in found]
