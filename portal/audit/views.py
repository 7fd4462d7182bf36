"""The log's page."""

from flask import Blueprint, render_template, request

from portal.audit import policy, queries
from portal.audit.rules import Action
from portal.core.db import db
from portal.core.web import actor, signed_in

pages = Blueprint("audit", __name__)


def _number(text: str) -> int:
    """An entry's number in the address. Raises ValueError for what the log cannot have."""
    number = int(text)
    if not 0 <= number < 1 << 63:
        raise ValueError(text)
    return number


@pages.get("/log")
@signed_in
def log() -> str:
    """The log, newest first."""
    policy.may_read_log(actor()).enforce()
    before = request.args.get("before", type=_number)
    subject = request.args.get("subject", "")[:120]
    rows = queries.entries(db.session, before, subject, 101)
    kinds = {action.value: action for action in Action}
    return render_template(
        "audit/log.html", rows=rows[:100], more=rows[100:], kinds=kinds, subject=subject
    )
