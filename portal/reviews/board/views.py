"""Where an officer steps in: a seat with its history, and the times of a whole round."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.board import screens
from portal.reviews.board.forms import ReasonForm, TimeForm
from portal.reviews.rounds import overrides, policy, queries
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.views import watched

pages = Blueprint("board", __name__)

Act = Callable[..., object]
Forms = dict[str, PortalForm]
SAID = {
    "remind": N_("The reviewer is reminded."),
    "extend": N_("The reviewer has more time."),
    "replace": N_("The seat is free; the next in order is asked."),
    "excuse": N_("The reviewer is excused; the next in order is asked."),
    "extend_round": N_("Everybody has more time."),
    "close": N_("The round is closed; the ranking is made of the sheets that are in."),
}


@pages.get("/challenges/<code>/round/seats/<uuid:seat_id>")
@signed_in
def seat(code: str, seat_id: UUID) -> str:
    """A seat: what is awaited, what happens next, what has happened, and what may be overridden."""
    return _seat_page(watched(code), seat_id, {})


def _seat_page(challenge: Challenge, seat_id: UUID, sent: Forms) -> str:
    found = queries.seat_of(db.session, challenge.id, seat_id)
    forms = {"remind": ReasonForm(), "extend": TimeForm()}
    forms |= {"replace": ReasonForm(), "excuse": ReasonForm(), **sent}
    return render_template(
        "reviews/board/seat.html",
        challenge=challenge,
        row=screens.Row.of(found, now()),
        history=screens.history(db.session, found),
        forms={name: form.among(name) for name, form in forms.items()},
        may_act=policy.may_override(actor(), challenge),
        is_open=screens.is_open(found),
    )


@pages.post("/challenges/<code>/round/seats/<uuid:seat_id>/remind")
@signed_in
def remind(code: str, seat_id: UUID) -> ResponseReturnValue:
    """Remind now."""
    return _act_on_seat(code, seat_id, "remind", overrides.remind, ReasonForm())


@pages.post("/challenges/<code>/round/seats/<uuid:seat_id>/extend")
@signed_in
def extend(code: str, seat_id: UUID) -> ResponseReturnValue:
    """Give more time."""
    return _act_on_seat(code, seat_id, "extend", overrides.extend, TimeForm())


@pages.post("/challenges/<code>/round/seats/<uuid:seat_id>/replace")
@signed_in
def replace(code: str, seat_id: UUID) -> ResponseReturnValue:
    """Ask the next in order."""
    return _act_on_seat(code, seat_id, "replace", overrides.replace, ReasonForm())


@pages.post("/challenges/<code>/round/seats/<uuid:seat_id>/excuse")
@signed_in
def excuse(code: str, seat_id: UUID) -> ResponseReturnValue:
    """Let the reviewer go."""
    return _act_on_seat(code, seat_id, "excuse", overrides.excuse, ReasonForm())


def _act_on_seat(
    code: str, seat_id: UUID, name: str, act: Act, form: PortalForm
) -> ResponseReturnValue:
    challenge = watched(code)
    policy.may_override(actor(), challenge).enforce()
    queries.seat_of(db.session, challenge.id, seat_id)
    if _acted(act, seat_id, form):
        done(SAID[name])
        return see_other("board.seat", code=code, seat_id=seat_id)
    return _seat_page(challenge, seat_id, {name: form}), 422


def _acted(act: Act, subject_id: UUID, form: PortalForm) -> bool:
    """Whether it was done; if not, the form says why."""
    if not form.validate_on_submit():
        return False
    told = [form["until"].data] if "until" in form else []
    try:
        act(actor(), subject_id, *told, form["reason"].data, now())
    except (Invalid, InvalidInput) as error:
        form.place(error)
        return False
    return True


@pages.get("/challenges/<code>/round/times")
@signed_in
def times(code: str) -> str:
    """The days of a round, more time for everybody, and its early end."""
    challenge = watched(code)
    return _times_page(challenge, _round(challenge), {})


def _round(challenge: Challenge) -> Round:
    found = queries.round_of(db.session, challenge.id)
    if found is None:
        raise NotFound
    return found


def _times_page(challenge: Challenge, review: Round, sent: Forms) -> str:
    forms: dict[str, Any] = {"extend_round": TimeForm(), "close": ReasonForm(), **sent}
    return render_template(
        "reviews/board/times.html",
        challenge=challenge,
        review=review,
        forms={name: form.among(name) for name, form in forms.items()},
        may_act=policy.may_override(actor(), challenge),
        back=url_for("reviews.board", code=challenge.code),
        **screens.round_values(db.session, review),
    )


@pages.post("/challenges/<code>/round/extend")
@signed_in
def extend_round(code: str) -> ResponseReturnValue:
    """Give everybody more time."""
    return _act_on_round(code, "extend_round", overrides.extend_round, TimeForm())


@pages.post("/challenges/<code>/round/close")
@signed_in
def close(code: str) -> ResponseReturnValue:
    """Go on with what is in."""
    return _act_on_round(code, "close", overrides.close, ReasonForm())


def _act_on_round(code: str, name: str, act: Act, form: PortalForm) -> ResponseReturnValue:
    challenge = watched(code)
    policy.may_override(actor(), challenge).enforce()
    review = _round(challenge)
    if _acted(act, review.id, form):
        done(SAID[name])
        return see_other("reviews.board", code=code)
    return _times_page(challenge, review, {name: form}), 422
