"""Pages of projects: course, milestones, money, measuring, acceptance, and the public registry."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.parts import shared
from portal.core.web import actor, done, now, public, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.projects import policy, queries, service
from portal.projects.forms import (
    AcceptanceForm,
    AcceptForm,
    MeasureForm,
    OwnMoneyForm,
    ReportForm,
    ReturnForm,
    VoucherForm,
)
from portal.projects.queries import Cursor
from portal.projects.screens import (
    acceptance_screen,
    measuring_screen,
    milestone_or_404,
    milestone_screen,
    project_or_404,
    project_screen,
)
from portal.projects.snapshot import funds_in, indicators_in

pages = Blueprint("projects", __name__)
PAGE = 20
Page = Response | tuple[str, int]


@pages.get("/projects")
@signed_in
def mine() -> str:
    """One's projects, newest first."""
    rows = queries.mine(db.session, actor(), _cursor(), PAGE + 1)
    return render_template(
        "projects/mine.html",
        rows=rows[:PAGE],
        more=rows[PAGE:],
        first="before" not in request.args,
        steps_of=queries.steps_of,
    )


@pages.get("/projects/<code>")
@signed_in
def shown(code: str) -> Page:
    """One project: indicators, milestones, money, and what comes next."""
    return project_screen(project_or_404(code))


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
def accept_milestone(milestone_id: UUID) -> Page:
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
def return_milestone(milestone_id: UUID) -> Page:
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


@pages.post("/tranches/<uuid:tranche_id>/pay")
@signed_in
def pay(tranche_id: UUID) -> Page:
    """Record the payment of a tranche."""
    project = project_or_404(queries.code_by_tranche(db.session, tranche_id))
    policy.may_manage(actor(), project).enforce()
    form = VoucherForm().among(tranche_id)
    if form.validate_on_submit():
        try:
            service.pay_tranche(actor(), tranche_id, form.voucher.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The payment is recorded."))
            return see_other("projects.shown", code=project.code)
    return project_screen(project, vouchers={tranche_id: form})


@pages.post("/projects/<uuid:project_id>/own-money")
@signed_in
def own_money(project_id: UUID) -> Page:
    """Record the team's own money."""
    project = project_or_404(queries.code_of(db.session, project_id))
    policy.may_record_own_money(actor(), project).enforce()
    form = OwnMoneyForm()
    if form.validate_on_submit():
        try:
            source, amount = form.source.data, form.amount.data
            service.record_own_money(actor(), project_id, source, amount, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The team's own money is recorded."))
            return see_other("projects.shown", code=project.code)
    return project_screen(project, own=form)


@pages.route("/projects/<code>/indicators", methods=["GET", "POST"])
@signed_in
def indicators(code: str) -> Page:
    """Record what an indicator measured, one at a time."""
    project = project_or_404(code)
    policy.may_manage(actor(), project).enforce()
    form = MeasureForm()
    if form.validate_on_submit():
        try:
            chosen, value, how = form.indicator.data, form.value.data, form.how.data
            proof, judged = form.evidence.upload, form.judgement
            service.measure(actor(), project.id, chosen, value, how, judged, proof, store(), now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The measurement is recorded."))
            return see_other("projects.indicators", code=code)
    return measuring_screen(project_or_404(code), form)


@pages.route("/projects/<code>/acceptance", methods=["GET", "POST"])
@signed_in
def acceptance(code: str) -> Page:
    """Accept the project."""
    project = project_or_404(code)
    policy.may_manage(actor(), project).enforce()
    form = AcceptanceForm()
    if form.validate_on_submit():
        try:
            conclusion, effect = form.conclusion.data, form.effect.data
            service.accept_project(actor(), project.id, conclusion, effect, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The project is accepted. It is being entered in the public registry."))
            return see_other("projects.shown", code=code)
    return acceptance_screen(project_or_404(code), form)


@pages.get("/evidence/<uuid:file_id>")
@signed_in
def evidence(file_id: UUID) -> Response:
    """A file that proves something in a project."""
    stored = queries.evidence_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)


@pages.get("/registry")
@public
@shared
def registry() -> str:
    """Accepted projects, and those that sources report from before the portal."""
    before = request.args.get("before", type=_number)
    after = request.args.get("after", "")[:60]
    rows = queries.registry(db.session, before, PAGE + 1)
    past = queries.past_projects(db.session, after, PAGE + 1)
    return render_template(
        "projects/registry.html",
        rows=rows[:PAGE],
        more=rows[PAGE:],
        first=before is None,
        past=past[:PAGE],
        past_more=past[PAGE:],
        past_first=not after,
    )


@pages.get("/registry/<int(max=999999999):number>")
@public
@shared
def entry(number: int) -> str:
    """An accepted project as the registry keeps it."""
    found = queries.registry_entry(db.session, number)
    if found is None:
        raise NotFound
    kept = found.snapshot
    return render_template(
        "projects/entry.html",
        entry=found,
        kept=kept,
        indicators=indicators_in(kept),
        funds=funds_in(kept),
        started_at=datetime.fromisoformat(kept["started_at"]),
        accepted_at=datetime.fromisoformat(kept["accepted_at"]),
    )


@pages.get("/registry/<slug>")
@public
@shared
def past(slug: str) -> str:
    """A project that a source reports from before the portal."""
    found = queries.past_project(db.session, slug)
    if found is None:
        raise NotFound
    return render_template("projects/past.html", project=found)


def _number(text: str) -> int:
    """A registry number that the database can hold. Raises ValueError."""
    return max(0, min(int(text), 10**9))


def _cursor() -> Cursor | None:
    """The place in the list from which to go on; nonsense counts as none."""
    moment, _, key = request.args.get("before", "").partition("|")
    try:
        return datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return None
