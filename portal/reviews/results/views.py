"""The officer's pages of reviewers' words, and a team's own result."""

from itertools import groupby
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.bids import queries as bids
from portal.bids import screens as bid_screens
from portal.bids.models import Bid
from portal.challenges import queries as challenges
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.results import policy, queries, service
from portal.reviews.results.forms import RemarksForm

pages = Blueprint("results", __name__)


@pages.get("/challenges/<code>/remarks")
@signed_in
def listed(code: str) -> str:
    """The bids of a challenge, and how many texts about each have been checked."""
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_check(actor(), challenge):
        raise NotFound
    there = bids.of_challenge(db.session, challenge.id)
    said = queries.said_of(db.session, [one.id for one in there])
    rows = [
        (bid, len(said[bid.id]), sum(one.checked is not None for one in said[bid.id]))
        for bid in there
        if bid.id in said
    ]
    return render_template("reviews/results/list.html", challenge=challenge, rows=rows)


@pages.route("/bids/<uuid:bid_id>/remarks", methods=["GET", "POST"])
@signed_in
def check(bid_id: UUID) -> ResponseReturnValue:
    """Every text about a bid, to be released, shortened or held back."""
    bid = _bid(bid_id)
    if not policy.may_check(actor(), bid.challenge):
        raise NotFound
    texts = queries.said_of(db.session, [bid_id]).get(bid_id, [])
    form = RemarksForm.of(texts)
    try:
        if form.validate_on_submit():
            service.release(actor(), bid_id, form.words(), now())
            done(N_("The comments are checked; the team reads them from the notice on."))
            return see_other("results.listed", code=bid.challenge.code)
    except (Invalid, InvalidInput) as error:
        form.place(error)
    lines = zip(texts, form.lines, strict=True)
    groups = [(name, list(rows)) for name, rows in groupby(lines, lambda row: row[0].criterion)]
    page = render_template("reviews/results/check.html", bid=bid, form=form, groups=groups)
    return page, 422 if form.errors else 200


@pages.get("/bids/<uuid:bid_id>/result")
@signed_in
def shown(bid_id: UUID) -> str:
    """A team's own result."""
    bid = _bid(bid_id)
    result = queries.result_of(db.session, bid) if policy.may_read(actor(), bid) else None
    if result is None:
        raise NotFound
    line = bid_screens.line_of(bid.challenge, now())
    return render_template("reviews/results/shown.html", bid=bid, result=result, **line)


def _bid(bid_id: UUID) -> Bid:
    found = bids.visible_to(db.session, actor(), bid_id, now())
    if found is None:
        raise NotFound
    return found
