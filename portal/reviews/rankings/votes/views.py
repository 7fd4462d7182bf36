"""The page on which a reviewer votes."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.rankings.votes import policy, service
from portal.reviews.rankings.votes.forms import IN_FAVOUR, VoteForm
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Seat
from portal.reviews.sheets import aliases

pages = Blueprint("votes", __name__)


@pages.route("/seats/<uuid:seat_id>/vote", methods=["GET", "POST"])
@signed_in
def vote(seat_id: UUID) -> ResponseReturnValue:
    """For or against each bid, once."""
    seat = round_queries.own_seat(db.session, actor(), seat_id)
    ballots = policy.ballots(seat)
    form = VoteForm.of(len(ballots))
    if request.method == "GET":
        return _page(seat, form)
    policy.may_vote(actor(), seat).enforce()
    try:
        if form.validate_on_submit():
            pairs = zip(ballots, form.lines, strict=True)
            votes = {sheet.id: line["vote"].data == IN_FAVOUR for sheet, line in pairs}
            service.cast(actor(), seat_id, votes, now())
            done(N_("Your votes are cast."))
            return see_other("reviews.mine")
    except Invalid as error:
        form.place(error)
    return _page(seat, form), 422


def _page(seat: Seat, form: VoteForm) -> str:
    blind, letters = aliases.is_blind(seat.round), aliases.aliases(db.session, seat.round)
    labels = [
        gettext("Bid %(letter)s", letter=letters[one.bid_id]) if blind else one.bid.lead.name
        for one in policy.ballots(seat)
    ]
    return render_template(
        "reviews/rankings/vote.html",
        seat=seat,
        form=form,
        lines=list(zip(labels, policy.ballots(seat), form.lines, strict=True)),
        may_vote=policy.may_vote(actor(), seat),
    )
