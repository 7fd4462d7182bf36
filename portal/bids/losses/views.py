"""The public page of a loss of shares, on which officers declare it and a second person decides."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.bids.counting import publishing
from portal.bids.counting import queries as counting
from portal.bids.losses import policy, queries, service
from portal.bids.losses.forms import DeclareForm, DismissForm
from portal.bids.losses.models import ShareLoss
from portal.bids.losses.rules import LossState
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import InvalidInput, NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, done, now, public, see_other, signed_in, signer, stamp, visitor
from portal.core.words import N_

pages = Blueprint("losses", __name__)
Page = Response | tuple[str, int]
SHOWN = 100
TONES = {
    LossState.DECLARED: "waiting",
    LossState.CONFIRMED: "waiting",
    LossState.DISMISSED: "neutral",
    LossState.TAKEN_BACK: "neutral",
    LossState.CONCLUDED: "done",
}


def _challenge(code: str) -> Challenge:
    found = challenge_queries.visible_by_code(db.session, visitor(), code)
    if found is None or found.closes_at is None or now() < found.closes_at:
        raise NotFound
    return found


@pages.get("/challenges/<code>/share-loss")
@public
def shown(code: str) -> Page:
    """What is lost, until when bids come again, and in the end what came."""
    return _page(_challenge(code))


def _page(challenge: Challenge, **sent: PortalForm) -> tuple[str, int]:
    sees_all = bool(policy.may_see_all(visitor(), challenge))
    loss = (queries.last if sees_all else queries.public)(db.session, challenge.id)
    if loss is None and not sees_all:
        raise NotFound
    forms: dict[str, PortalForm] = {
        "declare_form": DeclareForm(formdata=None),
        "dismiss_form": DismissForm(formdata=None),
        **sent,
    }
    page = render_template(
        "losses/page.html",
        challenge=challenge,
        loss=loss,
        tones=TONES,
        count=counting.count_of(db.session, challenge),
        **_outcome(challenge, loss),
        **_acts(challenge, loss),
        **forms,
    )
    return page, 422 if any(form.errors for form in sent.values()) else 200


def _outcome(challenge: Challenge, loss: ShareLoss | None) -> dict[str, Any]:
    """Which bids came again; while they come, nobody is told."""
    if loss is None or loss.state is not LossState.CONCLUDED:
        return {"rows": None}
    rows = queries.outcome(db.session, challenge.id)
    came = sum(row.is_open for row in rows)
    return {"rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN), "came": came}


def _acts(challenge: Challenge, loss: ShareLoss | None) -> dict[str, Any]:
    me = visitor()
    if me is None:
        return {}
    standing = queries.standing(db.session, challenge.id)
    sealed = len(queries.waiting(db.session, challenge.id))
    return {
        "may_declare": policy.may_declare(me, challenge, standing, sealed, now()),
        "may_decide": loss is not None and policy.may_decide(me, loss),
        "may_take_back": loss is not None and policy.may_take_back(me, loss),
    }


def _done(code: str, text: str) -> Response:
    done(text)
    return see_other("losses.shown", code=code)


def _saved(form: PortalForm, act: Callable[[], object]) -> bool:
    if not form.validate_on_submit():
        return False
    try:
        act()
    except InvalidInput as error:
        form.place(error)
        return False
    return True


def _of_insiders(code: str) -> Challenge:
    challenge = _challenge(code)
    policy.may_see_all(actor(), challenge).enforce()
    return challenge


@pages.post("/challenges/<code>/share-loss")
@signed_in
def declare(code: str) -> Page:
    """Say that they are lost."""
    challenge, form = _of_insiders(code), DeclareForm()
    challenge_policy.may_manage(actor(), challenge).enforce()
    publishing.publish(challenge.id, signer(), stamp())
    if not _saved(
        form,
        lambda: service.declare(actor(), challenge.id, form.reason.data, form.days.data, stamp()),
    ):
        return _page(challenge, declare_form=form)
    return _done(code, N_("Declared. A second person is asked to confirm it."))


@pages.post("/challenges/<code>/share-loss/confirm")
@signed_in
def confirm(code: str) -> Page:
    """Confirm."""
    service.confirm(actor(), _of_insiders(code).id, stamp())
    return _done(code, N_("Confirmed. It is public, and the teams are asked to hand in again."))


@pages.post("/challenges/<code>/share-loss/dismiss")
@signed_in
def dismiss(code: str) -> Page:
    """Say why not."""
    challenge, form = _of_insiders(code), DismissForm()
    loss = queries.last(db.session, challenge.id)
    if loss is not None:
        policy.may_decide(actor(), loss).enforce()
    if not _saved(form, lambda: service.dismiss(actor(), challenge.id, form.remark.data, stamp())):
        return _page(challenge, dismiss_form=form)
    return _done(code, N_("Not confirmed. Whoever declared it is told."))


@pages.post("/challenges/<code>/share-loss/take-back")
@signed_in
def take_back(code: str) -> Page:
    """Take it back."""
    service.take_back(actor(), _of_insiders(code).id, stamp())
    return _done(code, N_("Taken back."))
