"""Papers that the portal made and that carry a code: what each feature says of one that it knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.words import Message

DIGITS = 64


@dataclass(frozen=True)
class Paper:
    """What stands on a paper with this fingerprint, since when, and which entry of the log says so
    (None for a moment after the act)."""

    told: Message
    at: datetime
    index: int | None


Known = Callable[[Session, str], Paper | None]
"""A feature's answer to a fingerprint: its paper, or None."""


def known(session: Session, fingerprint: str, features: Iterable[Known]) -> Paper | None:
    """The paper with a fingerprint (64 hexadecimal digits), whichever feature made it."""
    if len(fingerprint) != DIGITS or not fingerprint.isalnum():
        return None
    found = (ask(session, fingerprint) for ask in features)
    return next((paper for paper in found if paper is not None), None)
