"""Pages of measuring and acceptance."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.audit import queries as log
from portal.audit.rules import Action
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import (
    actor,
    done,
    download,
    now,
    public,
    see_other,
    send_stored,
    signed_in,
    store,
)
from portal.core.words import N_
from portal.projects import policy
from portal.projects.acceptance import (
    certificate as papers,
)
from portal.projects.acceptance import (
    concluding,
    examining,
    forms,
    queries,
    requesting,
    screens,
    service,
)
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import Conclusion, end_of
from portal.projects.models import Project
from portal.projects.screens import project_or_404

pages = Blueprint("acceptance", __name__)
Page = Response | tuple[str, int]


@pages.route("/projects/<code>/indicators", methods=["GET", "POST"])
@signed_in
def indicators(code: str) -> Page:
    """Record what an indicator measured, one at a time."""
    project = project_or_404(code)
    policy.may_manage(actor(), project).enforce()
    form = forms.MeasureForm()
    if form.validate_on_submit():
        try:
            chosen, proof = form.indicator.data, form.evidence.upload
            service.measure(actor(), project.id, chosen, form.told, proof, store(), now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The measurement is recorded."))
            return see_other("acceptance.indicators", code=code)
    return screens.measuring_screen(project_or_404(code), form)


@pages.route("/projects/<code>/acceptance/request", methods=["GET", "POST"])
@signed_in
def ask(code: str) -> Page:
    """The lead requests the acceptance."""
    project = project_or_404(code)
    policy.may_report(actor(), project).enforce()
    form = forms.RequestForm().with_claims(len(project.indicators))
    if form.validate_on_submit() and form.takes(
        lambda: requesting.request(actor(), project.id, form.told(), store(), now())
    ):
        done(N_("The acceptance is requested. The officer is told."))
        return see_other("acceptance.shown", code=code)
    return screens.request_screen(project_or_404(code), form)


@pages.route("/projects/<code>/acceptance", methods=["GET", "POST"])
@signed_in
def shown(code: str) -> Page:
    """How the acceptance stands; the officer concludes it here."""
    project, form = project_or_404(code), forms.ConcludeForm()
    if not form.is_submitted():
        return screens.acceptance_screen(project)
    policy.may_manage(actor(), project).enforce()
    acceptance = project.acceptance
    if form.validate() and acceptance and form.takes(lambda: _conclude(acceptance.id, form)):
        done(N_("The conclusion is recorded, and everybody is told."))
        return see_other("acceptance.shown", code=code)
    return screens.acceptance_screen(project_or_404(code), concluding=form)


def _conclude(acceptance_id: UUID, form: forms.ConcludeForm) -> None:
    words, verdict = form.conclusion.data, Conclusion(form.verdict.data)
    if verdict is Conclusion.PASS:
        concluding.pass_project(actor(), acceptance_id, words, form.effect.data or "", now())
        return
    follows = form.consequences.data or ""
    if verdict is Conclusion.FAIL:
        concluding.fail_project(actor(), acceptance_id, words, follows, now())
        return
    if form.again_by.data is None:
        raise Invalid("again_by", "Please enter a date.")
    again_by = end_of(form.again_by.data)
    concluding.ask_rework(actor(), acceptance_id, words, follows, again_by, now())


@pages.get("/acceptances/<uuid:acceptance_id>")
@signed_in
def examined(acceptance_id: UUID) -> Page:
    """What an expert examines, and says of it."""
    return screens.examined_screen(_readable(acceptance_id))


def _readable(acceptance_id: UUID) -> Acceptance:
    found = queries.readable_by(db.session, actor(), acceptance_id)
    if found is None:
        raise NotFound
    return found


def _of_office(acceptance_id: UUID) -> Project:
    """The project of an acceptance, for its officers."""
    project = project_or_404(_readable(acceptance_id).project.code)
    policy.may_manage(actor(), project).enforce()
    return project


@pages.post("/acceptances/<uuid:acceptance_id>/return")
@signed_in
def send_back(acceptance_id: UUID) -> Page:
    """Return the request with what is missing."""
    project, form = _of_office(acceptance_id), forms.MissingForm()
    words = form.missing.data or ""
    if form.validate_on_submit() and form.takes(
        lambda: examining.send_back(actor(), acceptance_id, words, now())
    ):
        done(N_("The request is returned; the lead is told what is missing."))
        return see_other("acceptance.shown", code=project.code)
    return screens.acceptance_screen(project, missing=form)


@pages.post("/acceptances/<uuid:acceptance_id>/complete")
@signed_in
def complete(acceptance_id: UUID) -> Response:
    """Everything is there."""
    project = _of_office(acceptance_id)
    examining.find_complete(actor(), acceptance_id, now())
    done(N_("Everything is there. Name the experts now."))
    return see_other("acceptance.shown", code=project.code)


@pages.post("/acceptances/<uuid:acceptance_id>/experts")
@signed_in
def name(acceptance_id: UUID) -> Page:
    """Name the experts."""
    project = _of_office(acceptance_id)
    form = screens.experts_form(_readable(acceptance_id))
    if form.validate_on_submit():
        chosen = [UUID(key) for key in form.experts.data]
        chair = UUID(form.chair.data)
        if form.takes(lambda: examining.name_experts(actor(), acceptance_id, chosen, chair, now())):
            done(N_("The experts are named, and asked for their opinions."))
            return see_other("acceptance.shown", code=project.code)
    return screens.acceptance_screen(project, experts=form)


@pages.post("/acceptances/<uuid:acceptance_id>/opinion")
@signed_in
def opinion(acceptance_id: UUID) -> Page:
    """An expert says what they think."""
    acceptance, form = _readable(acceptance_id), forms.OpinionForm()
    if form.validate_on_submit():
        said, words = Conclusion(form.opinion.data), form.words.data
        examining.give_opinion(actor(), acceptance_id, said, words, now())
        done(N_("Your opinion is recorded."))
        return see_other("acceptance.examined", acceptance_id=acceptance_id)
    screens.require_seat(acceptance)
    return screens.examined_screen(acceptance, opinion=form)


@pages.post("/acceptances/<uuid:acceptance_id>/leave")
@signed_in
def leave(acceptance_id: UUID) -> Page:
    """An expert steps back."""
    acceptance, form = _readable(acceptance_id), forms.LeaveForm()
    if form.validate_on_submit():
        examining.step_back(actor(), acceptance_id, form.reason.data, now())
        done(N_("You have stepped back. The officer is told."))
        return see_other("site.desk")
    screens.require_seat(acceptance)
    return screens.examined_screen(acceptance, leaving=form)


@pages.post("/acceptances/<uuid:acceptance_id>/joint")
@signed_in
def joint(acceptance_id: UUID) -> Page:
    """The chair writes the joint opinion."""
    acceptance, form = _readable(acceptance_id), forms.JointForm()
    if form.validate_on_submit():
        said, words = Conclusion(form.joint.data), form.joint_words.data
        examining.give_joint(actor(), acceptance_id, said, words, now())
        done(N_("The joint opinion is recorded. The officer is told."))
        return see_other("acceptance.examined", acceptance_id=acceptance_id)
    screens.require_seat(acceptance)
    return screens.examined_screen(acceptance, joint=form)


@pages.post("/statement-lines/<uuid:line_id>/returned")
@signed_in
def surplus(line_id: UUID) -> Page:
    """Surplus of public money went back."""
    acceptance_id = queries.acceptance_of_line(db.session, line_id)
    if acceptance_id is None:
        raise NotFound
    project, form = _of_office(acceptance_id), forms.SurplusForm().among(line_id)
    if form.validate_on_submit() and form.takes(
        lambda: concluding.record_surplus(actor(), line_id, form.voucher.data, now())
    ):
        done(N_("It is recorded that the surplus went back."))
        return see_other("acceptance.shown", code=project.code)
    return screens.acceptance_screen(project, surplus=(line_id, form))


@pages.get("/acceptances/<uuid:acceptance_id>/files/<uuid:file_id>")
@signed_in
def file(acceptance_id: UUID, file_id: UUID) -> Response:
    """A document of an acceptance, or what proves the project's results."""
    stored = queries.file_of(db.session, _readable(acceptance_id), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)


@pages.get("/projects/<code>/certificate.pdf")
@signed_in
def certificate(code: str) -> Response:
    """The certificate of a project that has passed."""
    acceptance = project_or_404(code).acceptance
    if acceptance is None or acceptance.certificate is None:
        raise NotFound
    return download(papers.made(acceptance), "application/pdf", f"{code}-certificate.pdf")


@pages.get("/verify/certificate/<fingerprint>")
@public
def checked(fingerprint: str) -> str:
    """Whether a certificate with this fingerprint stands in the log; only who has it knows it."""
    acceptance = queries.by_fingerprint(db.session, fingerprint)
    if acceptance is None:
        raise NotFound
    kind, subject = Action.PROJECT_ACCEPTED.value, acceptance.project.subject_ref
    entries = log.entries(db.session, subject=subject)
    entry = next((row for row in entries if row[0].kind == kind), None)
    return render_template("acceptance/checked.html", acceptance=acceptance, entry=entry)
