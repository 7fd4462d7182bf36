"""The inbox page."""

from datetime import datetime

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.web import actor, cursor, done, now, place_of, see_other, signed_in
from portal.core.words import N_
from portal.notifications import queries, service

pages = Blueprint("notifications", __name__)


def moment_argument(name: str) -> datetime | None:
    """A time in the address, for paging; nonsense counts as none."""
    try:
        moment = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@pages.get("/inbox")
@signed_in
def inbox() -> str:
    """One's news, newest first."""
    rows = queries.inbox(db.session, actor().user_id, cursor("before"), 51)
    rows, more = rows[:50], rows[50:]
    older = place_of(rows[-1].at, rows[-1].id) if more else None
    return render_template("notifications/inbox.html", rows=rows, older=older)


@pages.post("/inbox/read")
@signed_in
def mark_read() -> Response:
    """Mark all as read."""
    service.mark_all_read(actor(), now())
    done(N_("Everything is marked as read."))
    return see_other("notifications.inbox")
