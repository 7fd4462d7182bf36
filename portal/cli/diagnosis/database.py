"""The database: whether what it confirms is on the disk, and whether the clocks agree."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.cli.diagnosis.findings import Finding, bad, bad_if, good
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


LOG = ("audit_log", "audit_leaves", "audit_nodes", "audit_checkpoints")
_MAY = text(
    "SELECT coalesce(bool_or(has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE')"
    " OR has_any_column_privilege(oid, 'UPDATE') OR pg_has_role(relowner, 'USAGE')), false)"
    " FROM pg_class WHERE oid = ANY(CAST(:tables AS regclass[]))"
)


def may_change_log(session: Session) -> bool:
    """Whether the role of this connection could change what is logged, or switch off what refuses it."""
    return bool(session.execute(_MAY, {"tables": list(LOG)}).scalar_one())


def log_rights(may_change: bool, serious: bool) -> Finding:
    """Whether whoever breaks into web or worker can reach into the log with its rights."""
    if not may_change:
        return good(
            "log rights", Message("The portal's role in the database cannot change the log.")
        )
    return bad_if(
        serious,
        "log rights",
        Message(
            "The portal's role in the database owns the log: whoever takes over the portal can switch "
            "off what protects it."
        ),
        Message("Give web and workers a role of their own: jiebang rights ROLE, run as the owner."),
    )
