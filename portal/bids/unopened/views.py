"""One page about a bid that did not open, for its officers and its team."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.bids import policy as bid_policy
from portal.bids import screens
from portal.bids.losses import queries as losses
from portal.bids.models import Bid
from portal.bids.returning import policy as returning
from portal.bids.unopened import policy, queries, rules, service
from portal.bids.unopened.forms import AnswerForm, AsideForm, ObjectionForm
from portal.core import jobs
from portal.core.db import db
from portal.core.errors import InvalidInput, NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, done, now, see_other, signed_in, stamp
from portal.core.words import N_

pages = Blueprint("unopened", __name__)
Page = Response | tuple[str, int]


def _bid(bid_id: UUID) -> Bid:
    bid = db.session.get(Bid, bid_id)
    if bid is None or not policy.may_see(actor(), bid):
        raise NotFound
    return bid


@pages.get("/bids/<uuid:bid_id>/unopened")
@signed_in
def shown(bid_id: UUID) -> Page:
    """Why it did not open, what is decided, and what one may do."""
    return _page(_bid(bid_id))


def _allowed(bid_id: UUID, act: str) -> Bid:
    """The bid, for whoever may do this to it. Raises NotFound, NotAllowed."""
    bid = _bid(bid_id)
    _facts(bid)[act].enforce()
    return bid


def _page(bid: Bid, **sent: PortalForm) -> tuple[str, int]:
    forms: dict[str, PortalForm] = {
        "aside_form": AsideForm(formdata=None),
        "objection_form": ObjectionForm(formdata=None),
        "answer_form": AnswerForm(formdata=None),
        **sent,
    }
    page = render_template("unopened/bid.html", **forms, **_facts(bid))
    return page, 422 if any(form.errors for form in sent.values()) else 200


def _facts(bid: Bid) -> dict[str, Any]:
    version, me, at = bid.versions[-1], actor(), now()
    aside = queries.standing(db.session, bid.id)
    fault = jobs.told(version.fault)
    taken_up = queries.was_taken_up(db.session, bid.id)
    returns = losses.takes_returns(db.session, bid.challenge_id, at)
    return {
        "bid": bid,
        "challenge": bid.challenge,
        "version": version,
        "fault": fault,
        "advice": rules.advice(fault.text) if fault else "",
        "aside": aside,
        "history": queries.history(db.session, bid.id),
        "objection_until": rules.objection_until(aside.decided_at) if aside else None,
        "is_team": bid_policy.is_team(me, bid),
        "may_set_aside": policy.may_set_aside(me, bid, bool(fault) or taken_up, returns),
        "may_object": policy.may_object(me, bid, aside, at),
        "may_answer": policy.may_answer(me, bid, aside),
        "may_return": returning.may_return(me, bid, returns or taken_up),
        "tone": screens.TONES[bid.state],
    }


def _saved(form: PortalForm, act: Callable[[], object]) -> bool:
    """Whether the service did it; if not, the form says why."""
    if not form.validate_on_submit():
        return False
    try:
        act()
    except InvalidInput as error:
        form.place(error)
        return False
    return True


@pages.post("/bids/<uuid:bid_id>/set-aside")
@signed_in
def set_aside(bid_id: UUID) -> Page:
    """Keep it out."""
    bid, form = _allowed(bid_id, "may_set_aside"), AsideForm()
    if not _saved(form, lambda: service.set_aside(actor(), bid_id, form.reason.data, now())):
        return _page(bid, aside_form=form)
    done(N_("The bid is set aside. The team is told, and may object."))
    return see_other("unopened.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/set-aside/objection")
@signed_in
def object_to(bid_id: UUID) -> Page:
    """Object."""
    bid, form = _allowed(bid_id, "may_object"), ObjectionForm()
    if not _saved(form, lambda: service.object_to(actor(), bid_id, form.objection.data, stamp())):
        return _page(bid, objection_form=form)
    done(N_("Your objection is handed in. Another officer decides on it."))
    return see_other("unopened.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/set-aside/answer")
@signed_in
def answer(bid_id: UUID) -> Page:
    """Decide on the objection."""
    bid, form = _allowed(bid_id, "may_answer"), AnswerForm()
    if not _saved(
        form,
        lambda: service.answer(actor(), bid_id, form.upheld.data == "yes", form.answer.data, now()),
    ):
        return _page(bid, answer_form=form)
    done(N_("The objection is decided. The team is told."))
    return see_other("unopened.shown", bid_id=bid_id)
