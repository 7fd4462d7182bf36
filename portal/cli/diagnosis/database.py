"""The database: whether what it confirms is on the disk, and whether the clocks agree."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.cli.diagnosis.findings import Finding, bad, good
from portal.core.words import Message

NEEDED = ("fsync", "synchronous_commit", "full_page_writes")
SKEW = timedelta(seconds=2)
"""More would make countdowns wrong that bidders rely on."""


def needed_settings(session: Session) -> dict[str, str]:
    """The settings on which it depends that a confirmed commit survives a power cut."""
    rows = session.execute(
        text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
        {"names": list(NEEDED)},
    )
    return {row.name: row.setting for row in rows}


def durability(told: Mapping[str, str]) -> Finding:
    """Whether a receipt is never given for a bid that a power cut takes away."""
    off = sorted(name for name in NEEDED if told.get(name, "off") in ("off", "local"))
    if not off:
        return good("durability", Message("What the database confirms is on its disk."))
    facts: dict[str, object] = {"names": ", ".join(off)}
    return bad(
        "durability",
        Message("A power cut may take away what was confirmed; switched off: %(names)s", facts),
        Message("ALTER SYSTEM SET … = on for each, then SELECT pg_reload_conf(): %(names)s", facts),
    )


def clocks(skew: timedelta) -> Finding:
    """Whether this machine's clock is the database's; admission goes by the database's alone."""
    facts: dict[str, object] = {"seconds": f"{skew.total_seconds():+.1f}"}
    fact = Message("The database's clock differs from this machine's by %(seconds)s s.", facts)
    if abs(skew) <= SKEW:
        return good("clock skew", fact)
    mend = Message("Run a time service (chrony) on both. Deadlines go by the database's clock.")
    return bad("clock skew", fact, mend)


def moved(ahead: timedelta, is_production: bool) -> Finding:
    """Whether the portal's clock has been moved forward, as a demonstration's may be."""
    if not ahead:
        return good("portal clock", Message("The portal's clock is the database's."))
    fact = Message("The portal's clock is %(ahead)s ahead.", {"ahead": ahead})
    if not is_production:
        return good("portal clock", fact)
    return bad("portal clock", fact, Message("This is a demonstration's database: use another."))
