"""What is refused leaves an entry in the log."""

from collections.abc import Mapping
from typing import Any

from flask import request

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.db import db, transaction
from portal.core.errors import DeadlinePassed, DomainError, NotAllowed, NotFound, TooEarly
from portal.core.web import stamp, visitor

REFUSALS = (NotAllowed, TooEarly, DeadlinePassed)


def record_refusal(error: DomainError) -> None:
    """Log that a signed-in person was refused, and where: by who they are, or by the time.

    What one may not see does not exist, so whoever names a thing that is not there is noted as well.
    """
    person = visitor()
    names = isinstance(error, NotFound) and bool(request.view_args)
    if person is None or not (names or isinstance(error, REFUSALS)):
        return
    db.session.rollback()
    subject, path = _where(request.view_args or {}, request.path)
    with transaction() as session:
        audit.record(session, person, Action.ACCESS_DENIED, subject, stamp(), path=path)


def _where(named: Mapping[str, Any], path: str) -> tuple[str, str]:
    """What a refusal is about, and the address without what opens it. A refused teammate tells of a
    bid, and so does an invitation: of which one, the log need not know to withhold it."""
    if "token" in named:
        return "bid:unknown", path.replace(str(named["token"]), "…")[:200]
    return f"bid:{named['bid_id']}" if "bid_id" in named else "page", path[:200]
