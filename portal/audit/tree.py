"""The log as a Merkle tree (RFC 6962, RFC 9162 section 2.1): roots, proofs, and how to check them.

What is stored is the hash of every complete subtree, by (level, index): level 0 are the leaves, and
node (l, i) stands for the leaves from i * 2^l to (i + 1) * 2^l - 1. Such a node never changes, appending
completes one of them on average and at most log2(n), and every root and proof comes from at most
2 * log2(n) of them: `Needs` says which, so that they can be read in one query.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Node = tuple[int, int]
"""Level and index of a complete subtree."""
Range = tuple[int, int]
"""Leaves from the first number up to, without, the second."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_subtrees(leaves: Range) -> list[Node]:
    """The largest complete subtrees that make up a range, from left to right."""
    start, end = leaves
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


@dataclass(frozen=True)
class Needs:
    """The ranges whose hashes make up an answer, in its order."""

    ranges: tuple[Range, ...]

    @property
    def nodes(self) -> list[Node]:
        """The stored nodes to read."""
        return [node for leaves in self.ranges for node in complete_subtrees(leaves)]

    def hashes(self, stored: Mapping[Node, bytes]) -> list[bytes]:
        """The answer, from what was read. Raises KeyError when a node is missing."""
        return [
            folded([stored[node] for node in complete_subtrees(leaves)]) for leaves in self.ranges
        ]


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash of neighbouring subtrees that get smaller to the right; of none, the empty root."""
    if not hashes:
        return EMPTY
    whole = hashes[-1]
    for left in reversed(hashes[:-1]):
        whole = node_hash(left, whole)
    return whole


def root_needs(size: int) -> Needs:
    """What the root of the first `size` leaves is made of: one hash."""
    return Needs(((0, size),))


def inclusion_needs(index: int, size: int) -> Needs:
    """What proves that leaf `index` is in the tree of `size`. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in the tree")
    return Needs(tuple(_path(index, 0, size)))


def _path(index: int, start: int, end: int) -> Iterator[Range]:
    if end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield from _path(index, start, middle)
            yield middle, end
        else:
            yield from _path(index, middle, end)
            yield start, middle


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def consistency_needs(old: int, new: int) -> Needs:
    """What proves that the tree of `old` leaves is the beginning of that of `new`. Raises ValueError."""
    if not 0 <= old <= new:
        raise ValueError("the older tree is the larger one")
    return Needs(tuple(_growth(old, 0, new, True)) if old else ())


def _growth(old: int, start: int, end: int, is_known: bool) -> Iterator[Range]:
    """RFC 9162's SUBPROOF; `is_known` while the range is the old tree itself."""
    if old == end:
        if not is_known:
            yield start, end
        return
    middle = start + _split(end - start)
    if old <= middle:
        yield from _growth(old, start, middle, is_known)
        yield middle, end
    else:
        yield from _growth(old, middle, end, False)
        yield start, middle


class Edge:
    """The right edge of a growing tree: log2(n) hashes, enough to append and to tell the root."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count():
            raise ValueError("an edge has a hash for each bit of its size")

    @classmethod
    def stored(cls, size: int, nodes: Mapping[Node, bytes]) -> "Edge":
        """The edge of a stored tree, from the nodes of `root_needs(size)`."""
        return cls(size, [nodes[node] for node in complete_subtrees((0, size))])

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Take the next leaf's hash; returns the nodes above it that it completes, to be stored."""
        completed = []
        whole, level, index = leaf, 0, self.size
        while index & 1:
            whole = node_hash(self._hashes.pop(), whole)
            level, index = level + 1, index >> 1
            completed.append(((level, index), whole))
        self._hashes.append(whole)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of all leaves so far, 32 bytes."""
        return folded(self._hashes)


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the leaf's hash is at `index` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, whole = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            whole = node_hash(other, whole)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            whole = node_hash(whole, other)
        place, last = place >> 1, last >> 1
    return last == 0 and whole == root


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the old tree is the beginning of the new (RFC 9162, 2.1.4.2)."""
    if old in (0, new):  # nothing to prove
        return not proof and old_root == (new_root if old == new else EMPTY)
    if not 0 < old < new:
        return False
    whole = list(proof) if old & (old - 1) else [old_root, *proof]
    return bool(whole) and _climbed(old - 1, new - 1, whole) == (old_root, new_root)


def _climbed(place: int, last: int, whole: list[bytes]) -> tuple[bytes, bytes] | None:
    """The two roots that a consistency proof leads to."""
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = whole[0]
    for other in whole[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, other)
        place, last = place >> 1, last >> 1
    return (first, second) if last == 0 else None
