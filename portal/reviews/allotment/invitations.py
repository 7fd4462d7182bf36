"""The reviewer's page: one invitation for all bids of a call, answered once."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.challenges.models import Call
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.allotment import answering, queries
from portal.reviews.conflicts import screens
from portal.reviews.conflicts.forms import DeclarationForm
from portal.reviews.rounds.forms import DeclineForm
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState

pages = Blueprint("allotment_invitations", __name__)
Page = Response | tuple[str, int]


@pages.route("/calls/<number>/invitation", methods=["GET", "POST"])
@signed_in
def invitation(number: str) -> Page:
    """Who is on the teams, challenge by challenge; ties are declared line by line."""
    call = queries.call_numbered(db.session, number)
    seats = queries.own_seats(db.session, actor(), call.id, SeatState.INVITED)
    form = DeclarationForm.of(len(answering.asked(db.session, seats)))
    if form.validate_on_submit():
        try:
            ties = form.ties(answering.asked(db.session, seats))
            answering.answer(actor(), call.id, ties, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("Thank you. The score sheets appear when everybody has answered."))
            return see_other("reviews.mine")
    return _shown(call, seats, form, DeclineForm(formdata=None)), 422 if form.errors else 200


def _shown(call: Call, seats: list[Seat], form: DeclarationForm, refusal: DeclineForm) -> str:
    teams = [
        (seat, team) for seat in answering.shown(seats) for team in screens.teams(db.session, seat)
    ]
    lines = [(seat, team, line) for (seat, team), line in zip(teams, form.lines, strict=True)]
    return render_template(
        "reviews/allotment/invitation.html",
        call=call,
        blind=[seat for seat in seats if seat not in answering.shown(seats)],
        form=form,
        lines=lines,
        refusal=refusal.among("refusal"),
        answer_by=min(seat.answer_by for seat in seats),
    )


@pages.post("/calls/<number>/invitation/decline")
@signed_in
def decline(number: str) -> Page:
    """Give all of it back, with a reason."""
    call = queries.call_numbered(db.session, number)
    seats = queries.own_seats(db.session, actor(), call.id, SeatState.INVITED)
    form = DeclineForm()
    if not form.validate_on_submit():
        empty = DeclarationForm.of(len(answering.asked(db.session, seats)))
        return _shown(call, seats, empty, form), 422
    answering.decline(actor(), call.id, form.reason.data, now())
    done(N_("You have declined. The bids are given to others."))
    return see_other("reviews.mine")
