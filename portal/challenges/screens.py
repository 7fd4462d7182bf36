"""What pages of several features show of challenges."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import Row

from portal.challenges import rules
from portal.challenges.rules import Phase
from portal.core.parts import part

TONES = {
    Phase.OPEN: "active",
    Phase.NOTICE: "waiting",
    Phase.AWARDED: "done",
    Phase.COMPLETED: "done",
    Phase.CANCELLED: "late",
    Phase.FAILED: "late",
}


class Posted(NamedTuple):
    """A challenge as it hangs on the board."""

    code: str
    title: str
    title_en: str
    cluster: str
    cluster_en: str
    site: str
    money: object
    closes_at: datetime | None
    phase: Phase
    tone: str


def board(rows: Iterable[Row[Any]], now: datetime) -> Markup:
    """Published challenges as a posted board; its words for the time left hold for a minute."""
    posted = tuple(_posted(row, now) for row in rows)
    return part("challenges/_board.html", rows=posted, minute=now.replace(second=0, microsecond=0))


def _posted(row: Row[Any], now: datetime) -> Posted:
    phase = rules.phase(row.state, row.closes_at, now)
    return Posted(
        row.code,
        row.title,
        row.title_en,
        row.cluster,
        row.cluster_en,
        row.scenario_site,
        row.money,
        row.closes_at,
        phase,
        TONES.get(phase, "neutral"),
    )
