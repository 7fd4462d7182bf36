"""The log's checkpoints on their way out of the house: a mail a day to every auditor."""

from datetime import datetime

from portal.accounts.queries import people_with_role
from portal.audit import queries
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify

KEEP = N_(
    "Keep this mail: it proves what the log held. Log %(origin)s, %(size)s entries, root %(root)s,"
    " signature %(signature)s"
)


def tell_auditors(now: datetime) -> None:
    """Tell the auditors the last checkpoint, once a day however often it is called."""
    with transaction() as session:
        last = queries.last_public(session)
        if last is None:
            return
        day = now.astimezone(PLACE).date().isoformat()
        origin, size, root, _, signed = last.note.split("\n")[:5]
        facts: dict[str, object] = {"day": day, "size": size, "origin": origin, "root": root}
        facts["signature"] = signed.rpartition(" ")[2]
        subject = Message(N_("The log on %(day)s: %(size)s entries"), facts)
        people = people_with_role(session, [Role.AUDITOR])
        notify(session, people, f"checkpoint:{day}", subject, f"/log/checkpoint/{size}", KEEP)
