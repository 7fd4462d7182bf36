"""The reviewer's page: one invitation for all bids of a call, answered once."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.challenges.models import Call
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.allotment import answering, queries
from portal.reviews.allotment.forms import InvitationForm
from portal.reviews.conflicts import screens
from portal.reviews.rounds.forms import DeclineForm
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState

pages = Blueprint("allotment_invitations", __name__)
Page = Response | tuple[str, int]


@pages.route("/calls/<number>/invitation", methods=["GET", "POST"])
@signed_in
def invitation(number: str) -> Page:
    """Who is on the teams, challenge by challenge; ties are declared line by line, or by name."""
    call = queries.call_numbered(db.session, number)
    seats = queries.own_seats(db.session, actor(), call.id, SeatState.INVITED)
    form = _form(seats)
    if not form.added_row() and form.validate_on_submit():
        try:
            ties = form.declared(answering.asked(db.session, seats))
            answering.answer(actor(), call.id, ties, form.by_name, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("Thank you. The score sheets appear when everybody has answered."))
            return see_other("reviews.mine")
    return _shown(call, seats, form, DeclineForm(formdata=None)), 422 if form.errors else 200


def _form(seats: list[Seat]) -> InvitationForm:
    """A line for each bid that is shown, and the ties by name only where a round is blind."""
    form = InvitationForm.of(len(answering.asked(db.session, seats)))
    if len(answering.shown(seats)) == len(seats):
        form.leave_out_names()
    return form


def _shown(call: Call, seats: list[Seat], form: InvitationForm, refusal: DeclineForm) -> str:
    shown = answering.shown(seats)
    teams = [(seat, team) for seat in shown for team in screens.teams(db.session, seat)]
    lines = [(seat, team, line) for (seat, team), line in zip(teams, form.lines, strict=True)]
    return render_template(
        "reviews/allotment/invitation.html",
        call=call,
        blind=[seat for seat in seats if seat not in shown],
        bids=sum(len(seat.given) for seat in seats),
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
        return _shown(call, seats, _form(seats), form), 422
    answering.decline(actor(), call.id, form.reason.data, now())
    done(N_("You have declined. The bids are given to others."))
    return see_other("reviews.mine")
