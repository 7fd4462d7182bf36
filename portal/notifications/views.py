"""The inbox page."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.web import actor, now, see_other, signed_in
from portal.notifications import queries, service
from portal.notifications.queries import Cursor

pages = Blueprint("notifications", __name__)


def moment_argument(name: str) -> datetime | None:
    """A time in the address, for paging; nonsense counts as none."""
    try:
        moment = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _cursor() -> Cursor | None:
    """A time and an id in the address, for paging; nonsense counts as none."""
    moment, _, key = request.args.get("before", "").partition("|")
    try:
        place = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return None
    return place if place[0].tzinfo else None


@pages.get("/inbox")
@signed_in
def inbox() -> str:
    """One's news, newest first."""
    rows = queries.inbox(db.session, actor().user_id, _cursor(), 51)
    rows, more = rows[:50], rows[50:]
    older = f"{rows[-1].at.isoformat()}|{rows[-1].id}" if more else None
    return render_template("notifications/inbox.html", rows=rows, older=older)


@pages.post("/inbox/read")
@signed_in
def mark_read() -> Response:
    """Mark all as read."""
    service.mark_all_read(actor(), now())
    return see_other("notifications.inbox")
