"""Importing experts from a file, approving them together, and the pool as a file."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.challenges.exchange import screens
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.keeping import kept_by
from portal.challenges.exchange.reading import WORKBOOK
from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, download, now, see_other, signed_in, store
from portal.core.words import N_
from portal.reviews.pool import finding, policy
from portal.reviews.pool.exchange import exporting, keeping, queries, service
from portal.reviews.pool.exchange.forms import ListForm
from portal.reviews.pool.exchange.service import Fate, Report

pages = Blueprint("experts", __name__)
TONES = {Fate.PROPOSED: "active", Fate.KNOWN_ACCOUNT: "active", Fate.SAME: "neutral"}
MEDIA_TYPES = {"xlsx": WORKBOOK, "csv": "text/csv"}


def _language() -> Language:
    return "en" if str(get_locale()) == "en" else "zh"


@pages.route("/pool/import", methods=["GET", "POST"])
@signed_in
def begin() -> ResponseReturnValue:
    """Hand in a list."""
    policy.may_propose(actor()).enforce()
    form = ListForm()
    if form.validate_on_submit():
        try:
            kept = keeping.keep(actor(), store(), form.file.upload, now())
            done(N_("The file is checked. Nothing is imported until you say so."))
            return see_other("experts.checked", file_id=kept.id)
        except Invalid as error:
            form.place(error)
    files = queries.imported(db.session)
    page = render_template("reviews/pool/import.html", form=form, files=files)
    return page, 422 if form.errors else 200


@pages.route("/pool/import/<uuid:file_id>", methods=["GET", "POST"])
@signed_in
def checked(file_id: UUID) -> ResponseReturnValue:
    """What is wrong with a list, and what it would do; then do it."""
    policy.may_propose(actor()).enforce()
    kept = kept_by(db.session, actor(), file_id)
    read, check = keeping.contents(store(), kept), request.method == "GET"
    report = service.import_experts(actor(), read, now(), check, (kept.id, kept.sha256))
    if report.is_written:
        number = len(report.steps) - report.counts[Fate.SAME.value]
        done(N_("%(number)s experts are proposed. Another officer approves them."), number=number)
        return see_other("pool.register", state="proposed")
    page = render_template("reviews/pool/report.html", kept=kept, **_told(report))
    return page, 200 if check else 422


def _told(report: Report) -> dict[str, object]:
    most = screens.SHOWN_MOST
    return {
        "report": report,
        "problems": screens.told(report.troubles[:most], _language()),
        "shown_most": most,
        "tones": TONES,
    }


@pages.post("/pool/import/<uuid:file_id>/approve")
@signed_in
def approve(file_id: UUID) -> Response:
    """Approve whoever of a list still waits."""
    number = service.approve_all(actor(), file_id, now())
    done(N_("%(number)s experts are in the pool now."), number=number)
    return see_other("experts.begin")


@pages.get("/pool/template.<any(xlsx, csv):kind>")
@signed_in
def template(kind: str) -> Response:
    """The empty list, in the reader's language."""
    policy.may_propose(actor()).enforce()
    data = exporting.written([], kind, _language())
    name = "experts" if _language() == "en" else "专家导入模板"
    return download(data, MEDIA_TYPES[kind], f"{name}.{kind}")


@pages.post("/pool/export.<any(xlsx, csv):kind>")
@signed_in
def export(kind: str) -> Response:
    """Whoever fits the filters, as a file."""
    asked, language = finding.filters(request.args), _language()
    data = exporting.export(actor(), asked, kind, language, now())
    name = "experts" if language == "en" else "专家库"
    return download(data, MEDIA_TYPES[kind], f"{name}.{kind}")
