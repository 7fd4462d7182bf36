"""What the log's page shows: entries with the names of who acted, which the log does not know."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import names_of
from portal.audit import queries
from portal.audit.rules import Action
from portal.bids.secrecy import withheld
from portal.core.access import SYSTEM

PAGE = 100


def number(text: str) -> int:
    """An entry's number in the address. Raises ValueError for what the log cannot have."""
    found = int(text)
    if not 0 <= found < 1 << 63:
        raise ValueError(text)
    return found


def page_of(session: Session, before: int | None, subject: str) -> dict[str, Any]:
    """Entries, newest first, from before a number; about one subject if given.

    Of what is withheld the page has the place alone, and of a subject that is withheld nothing.
    """
    rows = queries.entries(session, before, subject, PAGE + 1)
    hidden = withheld(session, {subject, *(entry.subject_ref for entry, _ in rows)})
    if subject in hidden:
        rows = []
    people = {UUID(entry.actor_ref) for entry, _ in rows if entry.subject_ref not in hidden}
    return {
        "rows": rows[:PAGE],
        "more": rows[PAGE:],
        "hidden": hidden,
        "kinds": {action.value: action for action in Action},
        "names": {
            str(key): name for key, name in names_of(session, people - {SYSTEM.user_id}).items()
        },
        "system": str(SYSTEM.user_id),
        "subject": subject,
    }
