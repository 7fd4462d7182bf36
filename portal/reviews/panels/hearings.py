"""A panel as those see it who are heard, who judge, and who look at the screen in the hall."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.bids import queries as bids
from portal.challenges import queries as challenges
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, download, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.panels import calendar, inviting, policy, queries, screens, sitting
from portal.reviews.panels.forms import AnswerForm, ReasonForm, VoteForm
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.rules import OVER
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds.models import Seat

pages = Blueprint("hearings", __name__)
Page = Response | tuple[str, int]


def _heard(bid_id: UUID) -> Turn:
    """The turn of one's own team. Raises NotFound."""
    bid = bids.visible_to(db.session, actor(), bid_id, now())
    turn = queries.turn_of(db.session, bid_id) if bid else None
    if turn is None or not policy.is_heard(actor(), turn):
        raise NotFound
    return turn


def _turn_page(turn: Turn, form: AnswerForm | None = None) -> tuple[str, int]:
    said = {"answer": turn.answer, "words": turn.words} if turn.answered_at else {}
    page = render_template(
        "reviews/panels/turn.html",
        turn=turn,
        panel=turn.panel,
        challenge=turn.panel.round.challenge,
        may_answer=bool(policy.may_answer(actor(), turn, now())),
        form=form or AnswerForm(formdata=None, data=said),
    )
    return page, 422 if form else 200


@pages.get("/bids/<uuid:bid_id>/panel")
@signed_in
def turn(bid_id: UUID) -> Page:
    """A team's invitation: when, where, how long; and its answer."""
    return _turn_page(_heard(bid_id))


@pages.post("/bids/<uuid:bid_id>/panel")
@signed_in
def answer(bid_id: UUID) -> Page:
    """Say whether the team comes."""
    found, form = _heard(bid_id), AnswerForm()
    policy.may_answer(actor(), found, now()).enforce()
    if form.validate_on_submit():
        try:
            said, words = form.answer.data, form.words.data or ""
            inviting.answer(actor(), bid_id, said, words, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("Thank you. The issuing body has your answer."))
            return see_other("hearings.turn", bid_id=bid_id)
    return _turn_page(_heard(bid_id), form)


@pages.get("/bids/<uuid:bid_id>/panel.ics")
@signed_in
def turn_calendar(bid_id: UUID) -> Response:
    """A team's time for its calendar."""
    found = _heard(bid_id)
    event = screens.event_of(found.panel, found, None, now())
    name = f"{found.panel.round.challenge.code}-panel.ics"
    return download(calendar.written(event), calendar.MEDIA_TYPE, name)


def _seated(seat_id: UUID) -> tuple[Panel, Seat]:
    """One's own seat in a panel. Raises NotFound."""
    rounds.own_seat(db.session, actor(), seat_id)
    panel = queries.of_seat(db.session, seat_id)
    if panel is None:
        raise NotFound
    return panel, next(one for one in panel.round.seats if one.id == seat_id)


def _seat_shown(panel: Panel, seat: Seat) -> dict[str, object]:
    present = screens.moment_of(panel)
    on = present.on.turn if present.on else None
    sheets = {one.bid_id: one for one in seat.sheets}
    return {
        "panel": panel,
        "seat": seat,
        "challenge": panel.round.challenge,
        "rows": screens.rows_of(panel),
        "moment": present,
        "signed_in": seat.id in panel.present,
        "may_sign_in": bool(policy.may_sign_in(actor(), panel, seat, now())),
        "sheet": sheets.get(on.bid_id) if on else None,
        "may_vote": bool(on and policy.may_vote(actor(), on, seat)),
        "judges": bool(on and policy.is_entitled(on, seat)),
        "may_leave": [
            one.turn.id
            for one in screens.rows_of(panel)
            if policy.may_recuse(actor(), one.turn, seat)
            and one.turn.state not in OVER
            and seat.id not in {gone.seat_id for gone in one.turn.recusals}
        ],
        "sheets": sheets,
    }


def _seat_page(seat_id: UUID, **sent: ReasonForm | VoteForm) -> tuple[str, int]:
    forms = {"vote": VoteForm(formdata=None), "leave": ReasonForm(formdata=None), **sent}
    panel, seat = _seated(seat_id)
    page = render_template("reviews/panels/seat.html", **_seat_shown(panel, seat), **forms)
    return page, 422 if sent else 200


@pages.get("/seats/<uuid:seat_id>/panel")
@signed_in
def seat(seat_id: UUID) -> Page:
    """A member's page of the day: sign in, who is on, the sheet or the ballot."""
    return _seat_page(seat_id)


@pages.get("/seats/<uuid:seat_id>/panel.ics")
@signed_in
def seat_calendar(seat_id: UUID) -> Response:
    """The day for a member's calendar."""
    panel, own = _seated(seat_id)
    event = screens.event_of(panel, None, own, now())
    return download(
        calendar.written(event), calendar.MEDIA_TYPE, f"{panel.round.challenge.code}-panel.ics"
    )


@pages.post("/seats/<uuid:seat_id>/panel/present")
@signed_in
def sign_in(seat_id: UUID) -> Response:
    """Say that one is present."""
    panel, own = _seated(seat_id)
    sitting.sign_in(actor(), panel.id, own.id, now())
    done(N_("You are signed in."))
    return see_other("hearings.seat", seat_id=seat_id)


@pages.post("/seats/<uuid:seat_id>/panel/vote/<uuid:turn_id>")
@signed_in
def vote(seat_id: UUID, turn_id: UUID) -> Page:
    """Cast a secret ballot on a team."""
    (panel, own), form = _seated(seat_id), VoteForm()
    policy.may_vote(actor(), _turn_in(panel, turn_id), own).enforce()
    if not form.validate_on_submit():
        return _seat_page(seat_id, vote=form)
    sitting.vote(actor(), turn_id, form.vote.data, now())
    done(N_("Your ballot is counted. Nobody can see how you voted."))
    return see_other("hearings.seat", seat_id=seat_id)


def _turn_in(panel: Panel, turn_id: UUID) -> Turn:
    found = next((one for one in panel.turns if one.id == turn_id), None)
    if found is None:
        raise NotFound
    return found


@pages.post("/seats/<uuid:seat_id>/panel/leave/<uuid:turn_id>")
@signed_in
def leave(seat_id: UUID, turn_id: UUID) -> Page:
    """Leave the room for one team."""
    (panel, own), form = _seated(seat_id), ReasonForm()
    policy.may_recuse(actor(), _turn_in(panel, turn_id), own).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: sitting.recuse(actor(), turn_id, own.id, form.reason.data, now())
    ):
        done(N_("It is noted that you leave for this team."))
        return see_other("hearings.seat", seat_id=seat_id)
    return _seat_page(seat_id, leave=form)


def _screen(code: str) -> dict[str, object]:
    """The hall's screen, for whoever has to do with the panel; teams see numbers, not names."""
    challenge = challenges.visible_by_code(db.session, actor(), code)
    panel = queries.standing(db.session, challenge.id) if challenge else None
    if challenge is None or panel is None:
        raise NotFound
    names = bool(policy.may_watch(actor(), challenge))
    names = names or queries.own_seat(db.session, actor(), panel) is not None
    own = next((one for one in panel.turns if policy.is_heard(actor(), one)), None)
    if not names and own is None:
        raise NotFound
    rows = screens.rows_of(panel)
    return {
        "challenge": challenge,
        "panel": panel,
        "moment": screens.moment_of(panel),
        "rows": rows,
        "names": names,
        "own": own,
    }


@pages.get("/challenges/<code>/panel/screen")
@signed_in
def screen(code: str) -> str:
    """Who is on, who is next, and the time left: for a projector and for a phone."""
    return render_template("reviews/panels/screen.html", **_screen(code))


@pages.get("/challenges/<code>/panel/screen/now")
@signed_in
def screen_part(code: str) -> str:
    """The part of the screen that renews itself."""
    return render_template("reviews/panels/_screen.html", **_screen(code))
