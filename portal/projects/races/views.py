"""Pages of races."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects.races import queries, service
from portal.projects.races.forms import DecideForm, GateForm
from portal.projects.races.screens import decide_form, gate_form, race_screen, verdicts_of

pages = Blueprint("races", __name__)
Page = Response | tuple[str, int]


@pages.get("/challenges/<code>/race")
@signed_in
def shown(code: str) -> Page:
    """The lanes of a challenge side by side, and its gates."""
    return race_screen(_challenge(code))


@pages.post("/challenges/<code>/race/gates")
@signed_in
def set_gate(code: str) -> Page:
    """Set a gate."""
    challenge = _challenge(code)
    challenge_policy.may_manage(actor(), challenge).enforce()
    form = gate_form(challenge, GateForm())
    if form.validate_on_submit():
        facts = (form.milestone.data, form.due_at.data, form.survivors.data, form.criteria.data)
        try:
            service.set_gate(actor(), challenge.id, *facts, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The gate is set; all lanes are told."))
            return see_other("races.shown", code=code)
    return race_screen(challenge, gate=form)


@pages.post("/race-gates/<uuid:gate_id>/decide")
@signed_in
def decide(gate_id: UUID) -> Page:
    """Decide the lanes that wait at a gate."""
    challenge = _challenge(queries.code_of_gate(db.session, gate_id))
    challenge_policy.may_manage(actor(), challenge).enforce()
    form = decide_form(challenge, DecideForm())
    if form.validate_on_submit() and form.takes(
        lambda: service.decide_gate(actor(), gate_id, verdicts_of(challenge, form), now())
    ):
        done(N_("The gate is decided; all lanes are told, and the money follows."))
        return see_other("races.shown", code=challenge.code)
    return race_screen(challenge, deciding=form)


def _challenge(code: str | None) -> Challenge:
    found = queries.challenge_visible_to(db.session, actor(), code) if code else None
    if found is None:
        raise NotFound
    return found
