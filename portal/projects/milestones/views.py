"""Pages of milestones: the report with its draft, what visitors saw, and the evidence."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import IllegalMove, Invalid, NotFound, Overtaken
from portal.core.web import (
    actor,
    done,
    now,
    see_other,
    send_stored,
    signed_in,
    stamp,
    store,
    translated,
)
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects.milestones import queries, service, visiting
from portal.projects.milestones.forms import ReportForm, VisitForm
from portal.projects.milestones.screens import milestone_or_404, milestone_screen

pages = Blueprint("milestones", __name__)
Page = Response | tuple[str, int]


@pages.route("/milestones/<uuid:milestone_id>/report", methods=["GET", "POST"])
@signed_in
def report(milestone_id: UUID) -> Page:
    """The lead reports a milestone; the officer reads it here."""
    milestone = milestone_or_404(milestone_id)
    if request.method == "POST":
        policy.may_report(actor(), milestone.project).enforce()
    form = ReportForm()
    if form.validate_on_submit():
        try:
            words, files, told = form.report.data, form.evidence.uploads, form.shown
            service.report_milestone(actor(), milestone_id, words, files, store(), now(), told)
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The milestone is reported. The officer is told."))
            return see_other("projects.shown", code=milestone.project.code)
    return milestone_screen(milestone_id, report=form)


@pages.post("/milestones/<uuid:milestone_id>/draft")
@signed_in
def draft(milestone_id: UUID) -> tuple[dict[str, object], int]:
    """Keep what is typed so far; the answer is for the page's script."""
    milestone = milestone_or_404(milestone_id)
    policy.may_report(actor(), milestone.project).enforce()
    form = ReportForm()
    wrong = len(form.report.data or "") > LONGEST or any(row.errors for row in form.values)
    if wrong:
        return {}, 422
    try:
        words, told, seen = form.report.data or "", form.shown, form.revision
        kept = service.save_draft(actor(), milestone_id, words, told, seen, stamp())
    except (Overtaken, IllegalMove) as error:
        return {"why": translated(error.message)}, 409
    at = (kept.draft_at or stamp()).astimezone(PLACE)
    return {"revision": kept.draft_revision, "at": at.strftime("%H:%M")}, 200


LONGEST = 5000
"""Characters of a report."""


@pages.post("/milestones/<uuid:milestone_id>/visit")
@signed_in
def visit(milestone_id: UUID) -> Page:
    """Record a visit to the site."""
    project, form = milestone_or_404(milestone_id).project, VisitForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            pictures = form.photographs.uploads
            visiting.record_visit(actor(), milestone_id, form.told, pictures, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The site visit is recorded."))
            return see_other("milestones.report", milestone_id=milestone_id)
    return milestone_screen(milestone_id, visit=form)


@pages.get("/evidence/<uuid:file_id>")
@signed_in
def evidence(file_id: UUID) -> Response:
    """A file that proves something in a project."""
    stored = queries.evidence_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)
