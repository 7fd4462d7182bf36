"""Pages of suspension, early ending, and what is claimed back."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects.endings import queries, rules, service, suspending
from portal.projects.endings.forms import (
    EndForm,
    FailureForm,
    ResumeForm,
    ReturnedForm,
    SuspendForm,
)
from portal.projects.models import Project
from portal.projects.rules import PROJECT_MOVES, ProjectState
from portal.projects.screens import project_or_404

pages = Blueprint("endings", __name__)
Page = Response | tuple[str, int]


@pages.get("/projects/<code>/ending")
@signed_in
def shown(code: str) -> Page:
    """Whether a project waits or has ended, and what is claimed back of it."""
    return _screen(project_or_404(code))


@pages.post("/projects/<code>/suspend")
@signed_in
def suspend(code: str) -> Page:
    """Suspend a project."""
    project, form = project_or_404(code), SuspendForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: suspending.suspend(actor(), project.id, form.reason.data, now())
    ):
        done(N_("The project is suspended. Everybody in it is told."))
        return see_other("endings.shown", code=code)
    return _screen(project, suspend=form)


@pages.post("/projects/<code>/resume")
@signed_in
def resume(code: str) -> Page:
    """Let a suspended project go on."""
    project, form = project_or_404(code), ResumeForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: suspending.resume(actor(), project.id, form.answer.data, now())
    ):
        done(N_("The project goes on."))
        return see_other("endings.shown", code=code)
    return _screen(project, resume=form)


@pages.post("/projects/<code>/end")
@signed_in
def end(code: str) -> Page:
    """Terminate or revoke a project."""
    project, form = project_or_404(code), EndForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            proof = form.file.upload
            service.end_project(actor(), project.id, form.settlement, proof, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The project has ended. What it is not paid any more is being cancelled."))
            return see_other("endings.shown", code=code)
    return _screen(project, end=form)


@pages.post("/projects/<code>/settlement")
@signed_in
def settle(code: str) -> Page:
    """Say what is claimed back after a failed acceptance."""
    project, form = project_or_404(code), FailureForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            proof = form.file.upload
            service.settle_failure(actor(), project.id, form.settlement, proof, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("It is settled. Everybody in the project is told."))
            return see_other("endings.shown", code=code)
    return _screen(project, settling=form)


@pages.post("/claw-backs/<uuid:claim_id>/received")
@signed_in
def received(claim_id: UUID) -> Page:
    """Record money that came back."""
    project = project_or_404(queries.code_of_claim(db.session, claim_id))
    policy.may_manage(actor(), project).enforce()
    form = ReturnedForm().among(claim_id)
    if form.validate_on_submit() and form.takes(
        lambda: service.receive(actor(), claim_id, form.returned, store(), now())
    ):
        done(N_("The money that came back is recorded."))
        return see_other("endings.shown", code=project.code)
    return _screen(project, back={claim_id: form})


@pages.get("/endings/files/<uuid:file_id>")
@signed_in
def file(file_id: UUID) -> Response:
    """What proves an ending, or money that came back."""
    return send_stored(queries.paper(db.session, actor(), file_id))


def _screen(
    project: Project,
    suspend: SuspendForm | None = None,
    resume: ResumeForm | None = None,
    end: EndForm | None = None,
    back: dict[UUID, ReturnedForm] | None = None,
    settling: FailureForm | None = None,
) -> Page:
    manages = bool(policy.may_manage(actor(), project))
    ending = queries.ending_of(db.session, project.id)
    claims = ending.claims if ending else []
    forms = {one.id: ReturnedForm(formdata=None).among(one.id) for one in claims if one.left}
    today = now().astimezone(PLACE).date()
    failed = project.state is ProjectState.FAILED
    page = render_template(
        "endings/ending.html",
        project=project,
        moves=PROJECT_MOVES.actions(project.state) if manages else [],
        suspensions=queries.suspensions(db.session, project.id),
        ending=ending,
        late={one.id for one in claims if rules.is_late(one.state, one.due_on, today)},
        paid=queries.public_paid(project),
        suspend=(suspend or SuspendForm(formdata=None)).among("suspend"),
        resume=(resume or ResumeForm(formdata=None)).among("resume"),
        end=(end or EndForm(formdata=None)).among("end"),
        back={**forms, **(back or {})} if manages else {},
        settling=settling or FailureForm(formdata=None),
        to_settle=manages and failed and ending is None,
        wrong="end" if end else "suspend" if suspend else "",
    )
    return page, 422 if suspend or resume or end or back or settling else 200
