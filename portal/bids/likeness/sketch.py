"""Fingerprints of a text: hashes of its 8-grams, of which one in eight is kept (mod p sampling).

After Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting"
(SIGMOD 2003): which hash is kept depends on the hash alone, so that the same passage leaves the
same fingerprints wherever it stands.
"""

import numpy as np
from numpy.typing import NDArray

from portal.bids.likeness.plain import Codes, plain

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
GRAM = 8
"""Characters of a shingle: about four Chinese words, long enough not to recur by chance."""
ONE_IN = np.uint64(8)
METHOD = 2
"""Counts up with every change that makes stored fingerprints useless."""
_BASE = 0x9E37_79B9_7F4A_7C15
_B1, _B2, _B4 = (np.uint64(pow(_BASE, n, 1 << 64)) for n in (1, 2, 4))
_MIX = np.uint64(0xBF58_476D_1CE4_E5B9)
_SHIFT = np.uint64(31)


def grams(codes: Codes) -> Hashes:
    """The hash of every 8-gram, by its place; empty for a text that is shorter."""
    if len(codes) < GRAM:
        return np.empty(0, np.uint64)
    one = codes.astype(np.uint64)
    two = one[:-1] * _B1 + one[1:]
    four = two[:-2] * _B2 + two[2:]
    eight = four[:-4] * _B4 + four[4:]
    eight ^= eight >> _SHIFT
    eight *= _MIX
    eight ^= eight >> _SHIFT
    return eight


def sampled(hashes: Hashes) -> Flags:
    """Which hashes are kept: the hash itself decides."""
    kept: Flags = hashes % ONE_IN == 0
    return kept


def among(hashes: Hashes, known: Hashes) -> Flags:
    """Which hashes are in `known`, which is sorted."""
    if not len(known):
        return np.zeros(len(hashes), np.bool_)
    spots = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: Flags = known[spots] == hashes
    return found


def known_grams(*texts: str) -> Hashes:
    """Every hash of these texts, sorted: what the call itself says, for instance."""
    return np.unique(np.concatenate([grams(plain(text).codes) for text in ("", *texts)]))


def sketch(codes: Codes, known: Hashes) -> Hashes:
    """The kept hashes of a text, sorted, each once, without those that are known."""
    hashes = grams(codes)
    kept = np.unique(hashes[sampled(hashes)])
    return kept[~among(kept, known)]
