"""Pages of conflicts: the officer's list, the reviewer's declaration, and with whom an expert worked."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.conflicts import (
    coworking,
    declaring,
    late,
    naming,
    policy,
    queries,
    screens,
    service,
    wishes,
)
from portal.reviews.conflicts.forms import (
    CoworkingForm,
    DecisionForm,
    DeclarationForm,
    EntryForm,
    NamedTiesForm,
)
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.pool import queries as pool
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets.aliases import is_blind

pages = Blueprint("conflicts", __name__)
Page = Response | tuple[str, int]


def _seen(code: str) -> Challenge:
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_see(actor(), challenge):
        raise NotFound
    return challenge


def _after() -> UUID | None:
    try:
        return UUID(request.args["after"])
    except (KeyError, ValueError):
        return None


def _list_page(
    challenge: Challenge,
    entry: EntryForm | None = None,
    decision: DecisionForm | None = None,
    wish_id: UUID | None = None,
) -> tuple[str, int]:
    shown = screens.listing(db.session, actor(), challenge, _after())
    form = entry or screens.entry_form(db.session, challenge, formdata=None)
    forms = screens.decision_forms(shown["wishes"], decision, wish_id)
    page = render_template("reviews/conflicts/list.html", form=form, decisions=forms, **shown)
    wrong = form.errors or (decision is not None and decision.errors)
    return page, 422 if wrong else 200


@pages.get("/challenges/<code>/conflicts")
@signed_in
def listed(code: str) -> Page:
    """Who is kept away and why, what teams wish, and an officer's entry."""
    return _list_page(_seen(code))


@pages.post("/challenges/<code>/conflicts/look")
@signed_in
def look(code: str) -> Page:
    """Look for conflicts now."""
    service.look(actor(), _seen(code).id, now())
    done(N_("The list is as of now."))
    return see_other("conflicts.listed", code=code)


@pages.post("/challenges/<code>/conflicts")
@signed_in
def enter(code: str) -> Page:
    """Enter a conflict that was learned of."""
    challenge = _seen(code)
    policy.may_enter(actor(), challenge).enforce()
    form = screens.entry_form(db.session, challenge)
    if form.validate_on_submit() and form.takes(lambda: _enter(challenge, form)):
        done(N_("The conflict stands. A seat that it crosses is free; the next is asked."))
        return see_other("conflicts.listed", code=code)
    return _list_page(challenge, entry=form)


def _enter(challenge: Challenge, form: EntryForm) -> None:
    person = accounts.person_by_email(db.session, form.email.data)
    expert = pool.of_person(db.session, person.id) if person else None
    if expert is None:
        raise Invalid("email", N_("No expert of the pool has this address."))
    kind, reason = ConflictKind(form.kind.data), form.reason.data
    late.enter(actor(), challenge.id, expert.id, form.bid_id, kind, reason, now())


@pages.post("/challenges/<code>/wishes/<uuid:wish_id>")
@signed_in
def decide(code: str, wish_id: UUID) -> Page:
    """Decide on a team's wish."""
    challenge = _seen(code)
    policy.may_decide(actor(), challenge).enforce()
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            granted, reason = form.granted.data == "yes", form.reason.data
            wishes.decide(actor(), challenge.id, wish_id, granted, reason, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The decision is kept."))
            return see_other("conflicts.listed", code=code)
    return _list_page(challenge, decision=form, wish_id=wish_id)


def _own(seat_id: UUID, *states: SeatState) -> Seat:
    seat = rounds.own_seat(db.session, actor(), seat_id)
    if seat.state not in states:
        raise NotFound
    return seat


@pages.route("/seats/<uuid:seat_id>/declaration", methods=["GET", "POST"])
@signed_in
def declare(seat_id: UUID) -> Page:
    """Who is on the teams, asked line by line; with no tie the seat is taken."""
    seat = _own(seat_id, SeatState.INVITED)
    if is_blind(seat.round):
        return _name_ties(seat)
    teams = screens.teams(db.session, seat)
    form = DeclarationForm.of(len(teams))
    if form.validate_on_submit():
        try:
            ties = form.declared([team.bid for team in teams])
            found = declaring.answer(actor(), seat_id, ties, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            return _declared(found)
    lines = list(zip(teams, form.lines, strict=True))
    page = render_template("reviews/conflicts/declaration.html", seat=seat, form=form, lines=lines)
    return page, 422 if form.errors else 200


def _name_ties(seat: Seat) -> Page:
    """In a blind round nobody is shown: whom one is tied to is named, and looked for."""
    form = NamedTiesForm()
    if not form.added_row() and form.validate_on_submit():
        try:
            return _declared(naming.answer(actor(), seat.id, form.named, now()))
        except (Invalid, InvalidInput) as error:
            form.place(error)
    page = render_template("reviews/conflicts/naming.html", seat=seat, form=form)
    return page, 422 if form.errors else 200


def _declared(seat: Seat) -> Response:
    if seat.state is SeatState.ACCEPTED:
        done(N_("You have accepted. The score sheets appear when every seat is taken."))
    else:
        done(N_("Thank you for telling. The next reviewer in order is invited."))
    return see_other("reviews.seat", seat_id=seat.id)


@pages.route("/seats/<uuid:seat_id>/tie", methods=["GET", "POST"])
@signed_in
def declare_later(seat_id: UUID) -> Page:
    """A tie that came to mind after accepting."""
    seat = _own(seat_id, SeatState.ACCEPTED, SeatState.DONE)
    form, there = screens.later_form(db.session, seat)
    if form.validate_on_submit():
        try:
            bid_id = there[form.bid.data]
            found = declaring.declare_later(actor(), seat_id, bid_id, form.chosen, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            return _declared(found)
    page = render_template("reviews/conflicts/later.html", seat=seat, form=form)
    return page, 422 if form.errors else 200


@pages.route("/pool/<uuid:reviewer_id>/cooperation", methods=["GET", "POST"])
@signed_in
def cooperation(reviewer_id: UUID) -> Page:
    """With whom an expert worked: their own page of it, and the officers'."""
    expert = queries.expert(db.session, reviewer_id)
    if not policy.may_tell_coworking(actor(), expert):
        raise NotFound
    form = CoworkingForm()
    if form.validate_on_submit() and form.takes(
        lambda: coworking.tell(actor(), reviewer_id, form.told, now())
    ):
        done(N_("The cooperation is entered."))
        return see_other("conflicts.cooperation", reviewer_id=reviewer_id)
    rows = [
        (row, policy.may_take_back(actor(), row))
        for row in queries.coworkings(db.session, reviewer_id)
    ]
    page = render_template(
        "reviews/conflicts/cooperation.html", expert=expert, form=form, rows=rows
    )
    return page, 422 if form.errors else 200


@pages.post("/cooperation/<uuid:coworking_id>/take-back")
@signed_in
def take_back(coworking_id: UUID) -> Response:
    """Take back what one entered oneself."""
    reviewer_id = coworking.take_back(actor(), coworking_id, now())
    done(N_("The cooperation is taken back."))
    return see_other("conflicts.cooperation", reviewer_id=reviewer_id)
