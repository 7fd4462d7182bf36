"""The officers' editor: an overview of what is missing, and one small form a section."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.challenges import attachments, copies, policy, queries, service
from portal.challenges.approvals import service as approvals
from portal.challenges.editor import flow, forms, screens
from portal.challenges.editor.flow import Page
from portal.challenges.editor.forms import SectionForm
from portal.challenges.editor.written import draft_of
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, done, now, see_other, signed_in, store
from portal.core.words import N_

pages = Blueprint("editor", __name__)


def _draft(challenge_id: UUID) -> Challenge:
    challenge = queries.manageable(db.session, actor(), challenge_id)
    policy.may_edit(actor(), challenge).enforce()
    return challenge


def _offer_calls(field: SelectField) -> bool:
    """Put the actor's calls into a select; false when there is none."""
    calls = queries.calls_for(db.session, actor())
    field.choices = [
        SelectChoice(value=str(call.id), label=f"{call.number} {call.title}") for call in calls
    ]
    return bool(calls)


@pages.route("/desk/challenges/new", methods=["GET", "POST"])
@signed_in
def new() -> Page:
    """Begin a challenge: its call and its title; the sections ask the rest."""
    policy.may_write(actor()).enforce()
    form = forms.BeginForm(data={"call": request.args.get("call")})
    has_calls = _offer_calls(form.call)
    if form.validate_on_submit():
        call_id = UUID(form.call.data)
        facts = service.first_facts(db.session, call_id, form.title.data)
        made = service.draft(actor(), call_id, facts, now())
        done(N_("The draft is begun. Fill in its sections; a second officer publishes it."))
        return see_other("editor.section", challenge_id=made.id, key="basics")
    page = render_template("challenges/editor/new.html", form=form, has_calls=has_calls)
    return page, 422 if form.errors else 200


@pages.get("/desk/challenges/<uuid:challenge_id>/edit")
@signed_in
def overview(challenge_id: UUID) -> Page:
    """The sections with what each of them still lacks."""
    return _overview(_draft(challenge_id), 200)


def _overview(challenge: Challenge, status: int) -> tuple[str, int]:
    shown = screens.overview(db.session, challenge, now())
    page = render_template("challenges/editor/overview.html", challenge=challenge, **shown)
    return page, status


@pages.post("/desk/challenges/<uuid:challenge_id>/propose")
@signed_in
def propose(challenge_id: UUID) -> Page:
    """Put a draft before a second officer; what is missing is shown on the overview."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    try:
        approvals.propose(actor(), challenge_id, now())
    except InvalidInput:
        return _overview(challenge, 422)
    done(N_("The challenge is proposed. A second officer of your body publishes it."))
    return see_other("approvals.page", challenge_id=challenge.id)


@pages.route("/desk/challenges/<uuid:challenge_id>/edit/<key>", methods=["GET", "POST"])
@signed_in
def section(challenge_id: UUID, key: str) -> Page:
    """One section, saved by its button."""
    return flow.section(DraftKeeper(challenge_id), key)


@pages.post("/desk/challenges/<uuid:challenge_id>/edit/<key>/autosave")
@signed_in
def autosave(challenge_id: UUID, key: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    return flow.autosave(DraftKeeper(challenge_id), key)


@dataclass(frozen=True)
class DraftKeeper:
    """A draft that is written section by section."""

    challenge_id: UUID

    def form(self, key: str, anew: bool = False) -> SectionForm:
        """A section as it is stored, and typed."""
        return forms.filled(key, draft_of(_draft(self.challenge_id)), anew)

    def revision(self) -> int:
        """The edition of the draft."""
        return _draft(self.challenge_id).revision

    def write(self, key: str, form: SectionForm) -> None:
        """Change a section."""
        changes = form.changes(draft_of(_draft(self.challenge_id)))
        service.write(actor(), self.challenge_id, key, changes, form.seen.data, now())

    def saved(self, key: str) -> str:
        """When a section was saved last, and by whom."""
        return screens.saved_words(db.session, _draft(self.challenge_id).edited, key, now())

    def shown(self, key: str, form: SectionForm, **more: Any) -> str:
        """The page of a section."""
        challenge = _draft(self.challenge_id)
        here: dict[str, Any] = {"challenge_id": self.challenge_id, "key": key}
        values = screens.section(db.session, challenge, key, now())
        return render_template(
            "challenges/editor/section.html",
            challenge=challenge,
            form=form,
            save_url=url_for("editor.section", **here),
            autosave_url=url_for("editor.autosave", **here),
            total=challenge.budget_total,
            **values,
            **more,
        )

    def onward(self, key: str, goes_on: bool) -> Response:
        """To the same section, or to the next; behind the last is the overview."""
        if goes_on and screens.following(key) is None:
            return see_other("editor.overview", challenge_id=self.challenge_id)
        on = screens.following(key) if goes_on else None
        return see_other(
            "editor.section", challenge_id=self.challenge_id, key=on.key if on else key
        )


@pages.route("/desk/challenges/<uuid:challenge_id>/edit/attachments", methods=["GET", "POST"])
@signed_in
def papers(challenge_id: UUID) -> Page:
    """The papers of a draft, and one more."""
    challenge = _draft(challenge_id)
    form = forms.AttachmentForm()
    if form.validate_on_submit():
        try:
            title, upload = form.title.data, form.file.upload
            attachments.attach(actor(), challenge_id, title, upload, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The paper is attached."))
            return see_other("editor.papers", challenge_id=challenge_id)
    values = screens.section(db.session, _draft(challenge_id), "attachments", now())
    page = render_template(
        "challenges/editor/attachments.html", challenge=challenge, form=form, **values
    )
    return page, 422 if form.errors else 200


@pages.post("/desk/challenges/<uuid:challenge_id>/papers/<uuid:paper_id>/remove")
@signed_in
def remove(challenge_id: UUID, paper_id: UUID) -> Page:
    """Take a paper off a draft."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    attachments.detach(actor(), challenge.id, paper_id, now())
    done(N_("The paper is taken off."))
    return see_other("editor.papers", challenge_id=challenge_id)


@pages.route("/desk/challenges/<uuid:challenge_id>/copy", methods=["GET", "POST"])
@signed_in
def copy(challenge_id: UUID) -> Page:
    """Copy a challenge into a new draft; what came to nothing is so published anew."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    form = forms.CopyForm(data={"call": str(challenge.call_id)})
    _offer_calls(form.call)
    if form.validate_on_submit():
        made = copies.copy(actor(), challenge_id, UUID(form.call.data), now())
        done(N_("The copy is a draft of its own. Set its deadline first."))
        return see_other("editor.section", challenge_id=made.id, key="dates")
    page = render_template("challenges/editor/copy.html", challenge=challenge, form=form)
    return page, 422 if form.errors else 200
