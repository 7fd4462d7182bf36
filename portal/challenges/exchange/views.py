"""Importing a call from a file and exporting one, for officers of the issuing body."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask_babel import get_locale
from werkzeug.wrappers import Response as AnyResponse

from portal.audit.service import note_export
from portal.challenges import policy
from portal.challenges import queries as challenges
from portal.challenges.exchange import (
    background,
    exporting,
    keeping,
    queries,
    screens,
    service,
    workbook_out,
)
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.forms import ImportForm
from portal.challenges.exchange.reading import WORKBOOK
from portal.challenges.exchange.report import Report
from portal.core import jobs
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.files import StoredFile
from portal.core.web import actor, done, download, now, see_other, signed_in, store
from portal.core.words import N_

pages = Blueprint("exchange", __name__)
Page = AnyResponse | tuple[str, int]


def _language() -> Language:
    return "en" if str(get_locale()) == "en" else "zh"


@pages.route("/desk/calls/import", methods=["GET", "POST"])
@signed_in
def begin() -> Page:
    """Hand in a file."""
    policy.may_write(actor()).enforce()
    form = ImportForm()
    if form.validate_on_submit():
        try:
            kept = keeping.keep(actor(), store(), form.file.upload, now())
            return _on_with(kept)
        except Invalid as error:
            form.place(error)
    calls = challenges.calls_for(db.session, actor())
    page = render_template("exchange/import.html", form=form, calls=calls)
    return page, 422 if form.errors else 200


def _on_with(kept: StoredFile) -> AnyResponse:
    """To its check, which a large file has in the background."""
    if background.is_large(kept):
        job = background.ask(actor(), kept, background.CHECK, _language(), now())
        return see_other("jobs.shown", job_id=job.id)
    done(N_("The file is checked. Nothing is imported until you say so."))
    return see_other("exchange.checked", file_id=kept.id)


def _in_background(kept: StoredFile) -> Page:
    """What became of a large file; a POST has it imported."""
    if request.method == "POST":
        job = background.ask(actor(), kept, background.IMPORT, _language(), now())
        return see_other("jobs.shown", job_id=job.id)
    known = jobs.latest(db.session, background.KIND, background.subject(kept))
    ready = background.is_ready(known)
    result = jobs.told(known.result) if known else None
    facts = {"name": kept.name, "job": known, "result": result, "is_ready": ready}
    return render_template("exchange/waiting.html", **facts), 200


@pages.route("/desk/calls/import/<uuid:file_id>", methods=["GET", "POST"])
@signed_in
def checked(file_id: UUID) -> Page:
    """What is wrong with a file, and what it would do; then do it."""
    kept = keeping.kept_by(db.session, actor(), file_id)
    if background.is_large(kept):
        return _in_background(kept)
    document = keeping.document_of(store(), kept)
    check = request.method == "GET"
    report = service.import_call(actor(), document, now(), check, kept.sha256)
    if report.is_written:
        done(N_("Imported: %(made)s new, %(changed)s changed."), **report.counts)
        return see_other("challenges.mine")
    page = render_template("exchange/report.html", name=kept.name, report=report, **_told(report))
    return page, 200 if check else 422


def _told(report: Report) -> dict[str, Any]:
    language = _language()
    return {
        "problems": screens.told(report.problems[: screens.SHOWN_MOST], language),
        "warnings": screens.told(report.warnings[: screens.SHOWN_MOST], language),
        "shown_most": screens.SHOWN_MOST,
        "tones": screens.TONES,
    }


@pages.get("/desk/calls/template.xlsx")
@signed_in
def template() -> Response:
    """The empty workbook, in the reader's language."""
    policy.may_write(actor()).enforce()
    language = _language()
    clusters = queries.cluster_names(db.session, language)
    data = workbook_out.write(None, language, clusters)
    return download(data, WORKBOOK, "call.xlsx" if language == "en" else "榜单模板.xlsx")


@pages.route("/desk/calls/<uuid:call_id>/export.<any(xlsx, yaml):kind>", methods=["GET", "POST"])
@signed_in
def export(call_id: UUID, kind: str) -> AnyResponse | str:
    """A call of one's own body as a file; a POST has a large one written in the background."""
    call = challenges.call(db.session, call_id)
    if call is None or not policy.may_draft(actor(), call):
        raise NotFound
    language = _language()
    if request.method == "POST":
        job = exporting.ask(actor(), call_id, kind, language, now())
        return see_other("jobs.shown", job_id=job.id)
    if exporting.is_large(db.session, call):
        known = jobs.latest(db.session, exporting.KIND, exporting.subject(call, kind, language))
        return render_template("exchange/exporting.html", call=call, kind=kind, job=known)
    data = exporting.written(db.session, call, kind, language)
    note_export(actor(), call.subject_ref, f"call.{kind}", now())
    return download(data, exporting.MEDIA_TYPES[kind], exporting.name_of(call, kind))
