"""Pages of milestones."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.projects import policy
from portal.projects.milestones import deciding, queries, service
from portal.projects.milestones.forms import AcceptForm, ReasonForm, ReportForm, ReworkForm
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
    deciding.accept_milestone(actor(), milestone_id, form.answer.data or "", now())
    done(N_("The milestone is accepted. Its tranches fall due."))
    return see_other("projects.shown", code=project.code)


@pages.post("/milestones/<uuid:milestone_id>/rework")
@signed_in
def rework(milestone_id: UUID) -> Page:
    """Give a report back, to be put right by a date."""
    project, form = milestone_or_404(milestone_id).project, ReworkForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            answer, until = form.answer.data, form.until.data
            deciding.ask_for_rework(actor(), milestone_id, answer, until, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The milestone goes back to the team, to be reworked."))
            return see_other("milestones.report", milestone_id=milestone_id)
    return milestone_screen(milestone_id, rework=form)


@pages.post("/milestones/<uuid:milestone_id>/fail")
@signed_in
def fail(milestone_id: UUID) -> Page:
    """Let a milestone fail."""
    project, form = milestone_or_404(milestone_id).project, ReasonForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, fail=form)
    deciding.fail_milestone(actor(), milestone_id, form.answer.data, now())
    done(N_("The milestone has failed. Its tranches are blocked; decide how the project goes on."))
    return see_other("milestones.report", milestone_id=milestone_id)


@pages.post("/milestones/<uuid:milestone_id>/pass-over")
@signed_in
def pass_over(milestone_id: UUID) -> Page:
    """Let the project go on without a failed milestone."""
    project, form = milestone_or_404(milestone_id).project, ReasonForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, over=form)
    deciding.pass_over_milestone(actor(), milestone_id, form.answer.data, now())
    done(N_("The project goes on; the money of this milestone stays blocked."))
    return see_other("projects.shown", code=project.code)


@pages.get("/evidence/<uuid:file_id>")
@signed_in
def evidence(file_id: UUID) -> Response:
    """A file that proves something in a project."""
    stored = queries.evidence_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)
