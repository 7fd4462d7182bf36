"""Which texts share fingerprints: an inverted index that is joined by sorting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.bids.likeness.sketch import Hashes

Numbers = NDArray[np.int64]
TEXT_BITS = np.uint64(20)
"""An entry is 44 bits of the hash and 20 of the text's number: a million texts at most."""
TEXT_MASK = np.uint64((1 << 20) - 1)
MOST_TEXTS = 1 << 20
CONTAINED = 0.02
"""The share of the shorter text's fingerprints from which on a pair is looked at."""
FEWEST = 3
"""Fewer common fingerprints than these say nothing, however short a text is."""
CHUNK = 1 << 23
"""Pairs that are made at a time."""
BUCKETS = 1 << 25
_SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True)
class Joined:
    """Pairs by the texts' numbers, the first the smaller; and what stands in many texts."""

    first: Numbers
    second: Numbers
    shared: Numbers
    common: Hashes


def most_texts(count: int) -> int:
    """In more texts than these a fingerprint is a template's: the larger the set, the more."""
    return 10 + count // 2000


def join(
    sketches: Sequence[Hashes], sizes: Numbers | None = None, fresh: int | None = None
) -> Joined:
    """The pairs that share enough; with `fresh` those with a text among the first so many only.

    `sizes` are those of the whole sketches, when these are only the parts that matter.
    """
    if len(sketches) > MOST_TEXTS:
        raise ValueError("too many texts for one comparison")
    lengths = np.array([len(one) for one in sketches], np.int64)
    sizes = lengths.copy() if sizes is None else sizes.copy()
    entries = _entries(sketches, lengths)
    entries.sort()
    keys = entries >> TEXT_BITS
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    lengths = np.diff(np.append(starts, len(keys)))
    limit = most_texts(len(sketches))
    common = np.sort(keys[starts[lengths > limit]])
    del keys
    texts = (entries & TEXT_MASK).astype(np.uint32)
    del entries
    sizes -= np.bincount(_many(texts, lengths, limit), minlength=len(sizes))
    first, second, shared = _counted(texts, starts, lengths, limit, fresh)
    least = np.maximum(FEWEST, CONTAINED * np.minimum(sizes[first], sizes[second]))
    enough = shared >= least
    return Joined(first[enough], second[enough], shared[enough], common)


def is_common(hashes: Hashes, common: Hashes) -> NDArray[np.bool_]:
    """Which hashes stand in many texts, after `Joined.common`."""
    if not len(common):
        return np.zeros(len(hashes), np.bool_)
    keys = hashes >> TEXT_BITS
    spots = np.minimum(np.searchsorted(common, keys), len(common) - 1)
    found: NDArray[np.bool_] = common[spots] == keys
    return found


def _many(texts: NDArray[np.uint32], lengths: Numbers, limit: int) -> NDArray[np.uint32]:
    """The entries of what stands in many texts."""
    return texts[np.repeat(lengths > limit, lengths)]


def _entries(sketches: Sequence[Hashes], sizes: Numbers) -> Hashes:
    entries = np.empty(int(sizes.sum()), np.uint64)
    begin = 0
    for number, one in enumerate(sketches):
        part = entries[begin : begin + len(one)]
        np.bitwise_and(one, ~TEXT_MASK, out=part)
        part |= np.uint64(number)
        begin += len(one)
    return entries


def _counted(
    texts: NDArray[np.uint32], starts: Numbers, lengths: Numbers, limit: int, fresh: int | None
) -> tuple[Numbers, Numbers, Numbers]:
    """How often each pair stands together."""
    index = texts, starts, lengths, limit, fresh
    runs = lengths[lengths <= limit]
    many = int((runs * (runs - 1)).sum()) // 2 > CHUNK
    kept = _frequent(*index) if many else list(_pairs(*index))
    found, shared = np.unique(np.concatenate([np.empty(0, np.uint64), *kept]), return_counts=True)
    first = (found >> np.uint64(32)).astype(np.int64)
    return first, (found & np.uint64(0xFFFF_FFFF)).astype(np.int64), shared.astype(np.int64)


def _frequent(
    texts: NDArray[np.uint32], starts: Numbers, lengths: Numbers, limit: int, fresh: int | None
) -> list[Hashes]:
    """The pairs without those that can hardly reach FEWEST, which are by far the most: counted
    first in buckets, some of which several pairs share, so that none is lost."""
    buckets = np.zeros(BUCKETS, np.uint8)
    for pairs in _pairs(texts, starts, lengths, limit, fresh):
        spots, times = np.unique(_bucket(pairs), return_counts=True)
        buckets[spots] = np.minimum(buckets[spots] + np.minimum(times, FEWEST), FEWEST)
    again = _pairs(texts, starts, lengths, limit, fresh)
    return [pairs[buckets[_bucket(pairs)] >= FEWEST] for pairs in again]


def _bucket(pairs: Hashes) -> Numbers:
    return ((pairs * _SPREAD) >> np.uint64(39)).astype(np.int64)


def _pairs(
    texts: NDArray[np.uint32], starts: Numbers, lengths: Numbers, limit: int, fresh: int | None
) -> Iterator[Hashes]:
    """Every pair of texts that share a fingerprint, as often as they do, in parts."""
    for length in range(2, limit + 1):
        runs = starts[lengths == length]
        for begin in range(0, len(runs), max(1, CHUNK // (length * length))):
            part = runs[begin : begin + max(1, CHUNK // (length * length))]
            table = texts[part[:, None] + np.arange(length)]
            left, right = np.triu_indices(length, 1)
            first, second = table[:, left].ravel(), table[:, right].ravel()
            if fresh is not None:
                chosen = first < fresh
                first, second = first[chosen], second[chosen]
            yield (first.astype(np.uint64) << np.uint64(32)) | second
