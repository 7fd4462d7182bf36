"""Writing the log, always inside the transaction of the act itself."""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action, leaf_of
from portal.core.access import Actor

LOG_LOCK = 0x6A62_6C6F_67
"""Advisory lock that makes the numbers contiguous in commit order (a sequence is not)."""


def record(
    session: Session, actor: Actor, action: Action, subject: str, now: datetime, **payload: object
) -> Entry:
    """Append an entry; `subject` is like "bid:<id>". Holds the log's lock until the commit."""
    session.execute(select(func.pg_advisory_xact_lock(LOG_LOCK)))
    last = session.scalar(select(func.max(Entry.seq)))
    seq = 0 if last is None else last + 1
    salt = secrets.token_bytes(16)
    facts = {key: str(value) for key, value in payload.items()}
    entry = Entry(
        seq=seq,
        at=now,
        kind=action.value,
        actor_ref=str(actor.user_id),
        subject_ref=subject,
        salt=salt,
        payload=facts,
        leaf=leaf_of(seq, action.value, now, subject, salt, facts),
    )
    session.add(entry)
    session.flush()
    return entry
