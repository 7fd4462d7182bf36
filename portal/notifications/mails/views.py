"""The demonstration's outbox: every mail that was written, as its receiver would see it."""

from uuid import UUID

from flask import Blueprint, Response, current_app, render_template

from portal.config import Settings
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, cursor, place_of, signed_in
from portal.notifications.mails import letters, policy, queries
from portal.notifications.mails.rules import MailState

pages = Blueprint("mails", __name__)
TONES = {MailState.WAITING: "waiting", MailState.SENT: "done", MailState.GIVEN_UP: "late"}
FRAMELESS = {"default-src": "'none'", "style-src": "'unsafe-inline'"}
"""A mail brings its own styles and nothing else."""


def _require_reader() -> None:
    settings: Settings = current_app.extensions["portal_settings"]
    if not policy.may_read(actor(), settings.is_production):
        raise NotFound


@pages.get("/mail")
@signed_in
def listed() -> str:
    """What was written, newest first."""
    _require_reader()
    rows = queries.newest(db.session, cursor("before"))
    rows, more = rows[: queries.PAGE], rows[queries.PAGE :]
    older = place_of(rows[-1].at, rows[-1].id) if more else None
    return render_template("mails/list.html", rows=rows, older=older, tones=TONES)


@pages.get("/mail/<uuid:mail_id>")
@signed_in
def letter(mail_id: UUID) -> str:
    """One mail as text, with its link to follow."""
    _require_reader()
    mail = queries.mail(db.session, mail_id)
    parcel, link = letters.parcel_of(mail), letters.link_of(mail)
    return render_template("mails/mail.html", mail=mail, parcel=parcel, link=link, tones=TONES)


@pages.get("/mail/<uuid:mail_id>/html")
@signed_in
def as_html(mail_id: UUID) -> Response:
    """One mail as a mail program shows it."""
    _require_reader()
    mail = queries.mail(db.session, mail_id)
    return Response(letters.parcel_of(mail).html, mimetype="text/html")


vars(as_html)["talisman_view_options"] = {"content_security_policy": FRAMELESS}
