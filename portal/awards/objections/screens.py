"""The page of an objection, so that a refused form comes back with all around it."""

from uuid import UUID

from flask import render_template
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from portal.accounts import queries as accounts
from portal.awards.objections import policy, queries, rules
from portal.awards.objections.forms import (
    NONE,
    AcceptanceForm,
    AnswerForm,
    ExaminerForm,
    RefusalForm,
)
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import Involvement
from portal.awards.rules import last_day
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, now

Screen = tuple[str, int]


def objection_or_404(objection_id: UUID) -> Objection:
    """The objection that this person may read. Raises NotFound."""
    found = queries.visible_to(db.session, actor(), objection_id)
    if found is None:
        raise NotFound
    return found


def objection_screen(objection: Objection, sent: PortalForm | None = None) -> Screen:
    """One objection: what it says, where it stands, and what this reader may do about it."""
    looks = {act: policy.may_look(actor(), objection, act) for act in ("accept", "hand_over")}
    candidates = queries.candidates(db.session, objection) if any(looks.values()) else {}
    names = accounts.names_of(db.session, candidates)
    forms: dict[str, PortalForm] = {
        "acceptance": AcceptanceForm(formdata=None),
        "refusal": RefusalForm(formdata=None),
        "handing": ExaminerForm(formdata=None),
        "answer": AnswerForm(formdata=None),
    }
    if sent is not None:
        name = next(key for key, form in forms.items() if type(form) is type(sent))
        forms[name] = sent
    for key in ("acceptance", "handing"):
        _offer(forms[key], candidates, names)
    places = [
        SelectChoice(value=str(one.bid_id), label=f"{one.title} · {one.lead}")
        for one in objection.notice.places
    ]
    forms["answer"]["bid_id"].choices = [NONE, *places]
    page = render_template(
        "awards/objection.html",
        objection=objection,
        notice=objection.notice,
        challenge=objection.notice.challenge,
        forms=forms,
        looks=looks,
        examines=policy.may_examine(actor(), objection)
        and rules.OBJECTION_MOVES.allows(objection.state, "uphold"),
        knows=policy.may_know_objector(actor(), objection),
        against=[(names[one], why) for one, why in candidates.items() if why],
        is_late=rules.is_late(objection.state, objection.raised_at, objection.due_at, now()),
        form_due_at=rules.form_due_at(objection.raised_at),
        last_day=last_day,
    )
    return page, 422 if sent is not None else 200


def _offer(
    form: PortalForm, candidates: dict[UUID, Involvement | None], names: dict[UUID, str]
) -> None:
    free = [
        SelectChoice(value=str(one), label=names[one])
        for one, why in candidates.items()
        if why is None
    ]
    first = SelectChoice(value="", label=gettext("Please choose"))
    form["examiner"].choices = [first, *free]
