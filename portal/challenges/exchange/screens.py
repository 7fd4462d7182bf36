"""What the page and the command show of a report."""

from collections.abc import Iterable
from typing import NamedTuple

from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.document import Trouble, located
from portal.challenges.exchange.report import Fate
from portal.core.web import translated
from portal.core.words import Message

SHOWN_MOST = 200
"""How many lines of each kind a page shows."""
TONES = {Fate.MADE: "active", Fate.CHANGED: "waiting", Fate.SAME: "neutral"}


class Told(NamedTuple):
    """A line of a report, in the reader's language."""

    sheet: str
    row: str
    column: str
    text: str


def told(troubles: Iterable[Trouble], language: Language) -> list[Told]:
    """Troubles as people read them."""
    return [
        Told(*located(one.place, language), translated(Message(one.text, one.parameters)))
        for one in troubles
    ]
