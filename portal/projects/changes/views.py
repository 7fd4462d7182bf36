"""Pages of changes."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.projects import policy as project_policy
from portal.projects.changes import policy, queries, rules, service, standing
from portal.projects.changes.forms import AnswerForm, ExpertForm, form_for
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ChangeKind, Voice
from portal.projects.changes.screens import (
    change_screen,
    listed_screen,
    wish_screen,
    with_experts,
)
from portal.projects.models import Project
from portal.projects.screens import project_or_404

pages = Blueprint("changes", __name__)
Page = Response | tuple[str, int]


@pages.get("/projects/<code>/changes")
@signed_in
def listed(code: str) -> str:
    """What was asked to be changed in a project."""
    return listed_screen(_project(code))


@pages.route("/projects/<code>/changes/<kind>", methods=["GET", "POST"])
@signed_in
def new(code: str, kind: str) -> Page:
    """Ask for a change."""
    project, wanted = project_or_404(code), _kind(kind)
    project_policy.may_report(actor(), project).enforce()
    first = project.indicators[0].position if project.indicators else None
    form = form_for(wanted, project, standing.held(db.session, project, wanted, first))
    if form.validate_on_submit():
        try:
            papers = form.papers.uploads
            wish = form.wish(wanted)
            change = service.request_change(actor(), project.id, wish, papers, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The request is handed in; those who have to answer are told."))
            return see_other("changes.shown", change_id=change.id)
    return wish_screen(project_or_404(code), wanted, form)


@pages.get("/changes/<uuid:change_id>")
@signed_in
def shown(change_id: UUID) -> Page:
    """One request: before and after, and who has said what."""
    return change_screen(_change(change_id))


@pages.post("/changes/<uuid:change_id>/answer")
@signed_in
def answer(change_id: UUID) -> Page:
    """Consent, refuse, or give an opinion."""
    change, form = _change(change_id), AnswerForm()
    voice = _voice(form.voice.data, change)
    policy.may_answer(actor(), change, voice).enforce()
    form.among(voice.value)
    if form.validate_on_submit():
        try:
            agrees, words = form.agrees.data == "yes", form.words.data or ""
            service.answer_change(actor(), change_id, voice, agrees, words, now())
        except Invalid as error:
            form.place(_at_words(error, form))
        else:
            done(N_("The answer is recorded."))
            return see_other("changes.shown", change_id=change_id)
    return change_screen(_change(change_id), answer=form)


@pages.post("/changes/<uuid:change_id>/expert")
@signed_in
def ask(change_id: UUID) -> Page:
    """Ask an expert for an opinion."""
    change = _change(change_id)
    project_policy.may_manage(actor(), change.project).enforce()
    form = with_experts(change, ExpertForm())
    if form.validate_on_submit():
        try:
            chosen = UUID(form.expert.data) if form.expert.data else None
            service.ask_expert(actor(), change_id, chosen, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The expert is asked."))
            return see_other("changes.shown", change_id=change_id)
    return change_screen(_change(change_id), expert=form)


@pages.post("/changes/<uuid:change_id>/withdraw")
@signed_in
def withdraw(change_id: UUID) -> Response:
    """Take a request back."""
    change = _change(change_id)
    service.withdraw_change(actor(), change.id, now())
    done(N_("The request is withdrawn."))
    return see_other("changes.shown", change_id=change_id)


@pages.get("/changes/<uuid:change_id>/papers/<uuid:file_id>")
@signed_in
def paper(change_id: UUID, file_id: UUID) -> Response:
    """A file of a request."""
    return send_stored(queries.paper(db.session, actor(), change_id, file_id))


def _project(code: str) -> Project:
    found = queries.project_visible_to(db.session, actor(), code)
    if found is None:
        raise NotFound
    return found


def _change(change_id: UUID) -> Change:
    found = queries.visible_to(db.session, actor(), change_id)
    if found is None:
        raise NotFound
    return found


def _kind(text: str) -> ChangeKind:
    try:
        return ChangeKind(text)
    except ValueError:
        raise NotFound from None


def _voice(text: str | None, change: Change) -> Voice:
    """The voice that was sent, or the first that is missing."""
    known = {voice.value: voice for voice in Voice}
    missing = rules.missing(change.kind, change.given)
    found = known.get(text or "", missing[0] if missing else None)
    if found is None:
        raise NotFound
    return found


def _at_words(error: Invalid, form: AnswerForm) -> Invalid:
    """A change that no longer fits is told at the answer's words."""
    if error.field in form:
        return error
    return Invalid("words", error.message.text, **error.message.parameters)
