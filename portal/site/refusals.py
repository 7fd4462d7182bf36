"""Refused access leaves an entry in the log."""

from flask import request

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.db import db, transaction
from portal.core.errors import DomainError, NotAllowed
from portal.core.web import stamp, visitor


def record_refusal(error: DomainError) -> None:
    """Log that a signed-in person was refused, and where."""
    person = visitor()
    if not isinstance(error, NotAllowed) or person is None:
        return
    db.session.rollback()
    bid_id = (request.view_args or {}).get("bid_id")
    subject = f"bid:{bid_id}" if bid_id else "page"  # a refused teammate tells of a bid
    path = request.path[:200]
    with transaction() as session:
        audit.record(session, person, Action.ACCESS_DENIED, subject, stamp(), path=path)
