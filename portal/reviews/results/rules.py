"""When a team learns its result, and what an officer may do to a reviewer's words. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from portal.challenges.rules import ChallengeState

TOLD_IN = frozenset({ChallengeState.NOTICED, ChallengeState.AWARDED, ChallengeState.COMPLETED})
"""From the notice on; while one is withdrawn nobody is told anything."""
CHECKED_IN = TOLD_IN | {ChallengeState.RANKED}
MARK = "■■"
_MARKS = re.compile("■+")
CENT = Decimal("0.01")


def is_redaction(original: str, words: str) -> bool:
    """Whether `words` are the original with parts left out, each behind a mark of black squares.

    Nothing can be added or said otherwise: what stands between the marks stands in the original, in
    that order, and what touches no mark begins and ends as the original does.
    """
    kept, place = [part.strip() for part in _MARKS.split(words)], 0
    told = original.strip()
    if not told.startswith(kept[0]) or not told.endswith(kept[-1]):
        return False
    if len(kept) == 1:
        return kept[0] == told
    for part in kept:
        found = told.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def mean(values: Sequence[Decimal]) -> Decimal:
    """Two places, half up. Raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    return (sum(values, Decimal(0)) / len(values)).quantize(CENT, ROUND_HALF_UP)


def shuffled(words: Iterable[str]) -> list[str]:
    """Texts in an order that says nothing of who wrote them, and differs from list to list."""
    told = sorted(words)
    salt = "\n".join(told).encode()
    return sorted(told, key=lambda one: hashlib.sha256(salt + one.encode()).digest())
