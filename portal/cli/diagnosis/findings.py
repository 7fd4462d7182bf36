"""A finding: what was looked at, how it is, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from portal.core.words import Message


class State(StrEnum):
    """How something is. A note is wrong only where real bids are at stake."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """`name` is for machines; `mend` says what to do, when there is something to do."""

    name: str
    state: State
    fact: Message
    mend: Message | None = None


def good(name: str, fact: Message) -> Finding:
    """Nothing to do."""
    return Finding(name, State.GOOD, fact)


def bad(name: str, fact: Message, mend: Message) -> Finding:
    """Wrong anywhere."""
    return Finding(name, State.BAD, fact, mend)


def bad_if(serious: bool, name: str, fact: Message, mend: Message) -> Finding:
    """Wrong in production; elsewhere good to know."""
    return Finding(name, State.BAD if serious else State.NOTE, fact, mend)
