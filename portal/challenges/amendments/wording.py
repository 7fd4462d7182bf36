"""Which words of a text were taken out and which put in: sentence by sentence, then inside them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SENTENCES = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]|[^。！？；!?;\n]+\Z")
WORDS = re.compile(r"[A-Za-z0-9]+(?:[.,'-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)
"""A word or number of ASCII, or one character of any other script."""
SMALL = 2
"""Fewer characters than these between two changes are not worth leaving in place."""
ALIKE = 0.4
"""Sentences that are less alike than this are shown whole, old and new."""
MOST = 1_000_000
"""Pairs of words that are compared at most; longer passages are shown whole, old and new."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text and what became of it; `is_old` and `is_new` when it stayed."""

    text: str
    is_old: bool = True
    is_new: bool = True


def compared(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in order: the old ones together are `before`, the new ones `after`."""
    pieces = _steps(SENTENCES.findall(before), SENTENCES.findall(after))
    inside = (piece for old, new in _pairs(pieces) for piece in _inside(old, new))
    return tuple(_gathered(inside))


def _pairs(pieces: Iterable[Piece]) -> Iterable[tuple[str, str]]:
    """What was taken out beside what was put in its place; the same twice where nothing changed."""
    old = new = ""
    for piece in pieces:
        if not (piece.is_old and piece.is_new):
            old += piece.text if piece.is_old else ""
            new += piece.text if piece.is_new else ""
            continue
        if old or new:
            yield old, new
        old = new = ""
        yield piece.text, piece.text
    if old or new:
        yield old, new


def _inside(old: str, new: str) -> Iterable[Piece]:
    if old == new:
        return [Piece(old)]
    whole = [piece for piece in (Piece(old, True, False), Piece(new, False, True)) if piece.text]
    if len(whole) < 2:
        return whole
    one, other = WORDS.findall(old), WORDS.findall(new)
    if len(one) * len(other) > MOST or _likeness(one, other) < ALIKE:
        return whole
    return _calm(_gathered(_steps(one, other)))


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """An upper bound, and when that is high enough the exact figure."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    quick = matcher.quick_ratio()
    return matcher.ratio() if quick >= ALIKE else quick


def _steps(one: Sequence[str], other: Sequence[str]) -> list[Piece]:
    if len(one) * len(other) > MOST:
        return [Piece("".join(one), True, False), Piece("".join(other), False, True)]
    made = []
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for action, i1, i2, j1, j2 in matcher.get_opcodes():
        if action == "equal":
            made.append(Piece("".join(one[i1:i2])))
            continue
        made.append(Piece("".join(one[i1:i2]), True, False))
        made.append(Piece("".join(other[j1:j2]), False, True))
    return [piece for piece in made if piece.text]


def _calm(pieces: Sequence[Piece]) -> Iterable[Piece]:
    """Let short stretches between two changes be part of the change: single signs help nobody."""
    for place, piece in enumerate(pieces):
        between = 0 < place < len(pieces) - 1
        if between and piece.is_old and piece.is_new and len(piece.text.strip()) < SMALL:
            yield Piece(piece.text, True, False)
            yield Piece(piece.text, False, True)
        else:
            yield piece


def _gathered(pieces: Iterable[Piece]) -> list[Piece]:
    """One piece taken out and one put in at most between two that stayed."""
    made: list[Piece] = []
    for old, new in _pairs(pieces):
        if old != new:
            made += [p for p in (Piece(old, True, False), Piece(new, False, True)) if p.text]
        elif made and made[-1].is_old and made[-1].is_new:
            made[-1] = Piece(made[-1].text + old)
        else:
            made.append(Piece(old))
    return made
