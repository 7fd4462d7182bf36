"""A text as it is compared: NFKC, without case, spaces and punctuation, with places in the original."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]
FOLDED = 0x20000
"""Above this (rare ideographs) a character stands for itself."""
NOTHING, SEVERAL = 0, 0xFFFF_FFFF
KEPT = ("L", "N")
"""Categories that carry words: letters and numbers."""


@dataclass(frozen=True)
class Plain:
    """The characters that count, and where each of them stands in the original."""

    codes: Codes
    places: Places

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def text(self) -> str:
        """The characters as text."""
        return self.codes.astype("<u4").tobytes().decode("utf-32-le")


@lru_cache(maxsize=1)
def _folds() -> tuple[Codes, dict[int, list[int]]]:
    """For each character the one that it becomes, NOTHING or SEVERAL; and the several ones."""
    single = np.zeros(FOLDED, np.uint32)
    several: dict[int, list[int]] = {}
    for code in range(FOLDED):
        if 0xD800 <= code < 0xE000:
            continue
        fold = unicodedata.normalize("NFKC", chr(code)).casefold()
        kept = [ord(c) for c in fold if unicodedata.category(c)[0] in KEPT]
        if len(kept) == 1:
            single[code] = kept[0]
        elif kept:
            single[code] = SEVERAL
            several[code] = kept
    return single, several


def plain(text: str) -> Plain:
    """The text without what does not count."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    single, several = _folds()
    found = np.where(codes < FOLDED, single[np.minimum(codes, FOLDED - 1)], codes)
    places = np.flatnonzero(found != NOTHING)
    found = found[places]
    if (found == SEVERAL).any():
        folds = [
            several[code] if kept == SEVERAL else [kept]
            for code, kept in zip(codes[places].tolist(), found.tolist(), strict=True)
        ]
        places = np.repeat(places, [len(fold) for fold in folds])
        found = np.array([code for fold in folds for code in fold], np.uint32)
    return Plain(found, places)
