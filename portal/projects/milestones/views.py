"""Pages of milestones."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.projects import policy
from portal.projects.milestones import queries, service
from portal.projects.milestones.forms import AcceptForm, ReportForm, ReturnForm
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
            files = form.evidence.uploads
            service.report_milestone(actor(), milestone_id, form.report.data, files, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The milestone is reported. The officer is told."))
            return see_other("projects.shown", code=milestone.project.code)
    return milestone_screen(milestone_id, report=form)


@pages.post("/milestones/<uuid:milestone_id>/accept")
@signed_in
def accept(milestone_id: UUID) -> Page:
    """Accept a milestone."""
    project, form = milestone_or_404(milestone_id).project, AcceptForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, accept=form)
    service.accept_milestone(actor(), milestone_id, form.answer.data or "", now())
    done(N_("The milestone is accepted. Its tranches fall due."))
    return see_other("projects.shown", code=project.code)


@pages.post("/milestones/<uuid:milestone_id>/return")
@signed_in
def send_back(milestone_id: UUID) -> Page:
    """Send a report back."""
    project, form = milestone_or_404(milestone_id).project, ReturnForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            service.return_milestone(actor(), milestone_id, form.answer.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The milestone is returned to the team."))
            return see_other("projects.shown", code=project.code)
    return milestone_screen(milestone_id, back=form)


@pages.get("/evidence/<uuid:file_id>")
@signed_in
def evidence(file_id: UUID) -> Response:
    """A file that proves something in a project."""
    stored = queries.evidence_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)
