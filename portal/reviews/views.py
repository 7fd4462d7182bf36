"""Pages of the pool, the officer's live board, and the reviewer's seats and sheets."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.bids import queries as bids
from portal.bids import screens as bid_screens
from portal.bids.rules import BidState
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, send_stored, signed_in
from portal.core.words import N_
from portal.reviews import policy, queries, service, sheets
from portal.reviews.forms import DeclineForm, ReviewerForm, SheetForm
from portal.reviews.models import Sheet
from portal.reviews.rules import SEATED, SeatState, SheetState
from portal.reviews.service import ReviewerFacts
from portal.reviews.sheets import Points

pages = Blueprint("reviews", __name__)


@pages.route("/pool", methods=["GET", "POST"])
@signed_in
def pool() -> ResponseReturnValue:
    """The register of experts, and a new one."""
    policy.may_read_pool(actor()).enforce()
    form = ReviewerForm()
    if form.validate_on_submit():
        try:
            service.enter_pool(actor(), _reviewer(form), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The expert is in the pool."))
            return see_other("reviews.pool")
    rows = queries.pool(db.session, request.args.get("after", "")[:254], 51)
    page = render_template("reviews/pool.html", form=form, rows=rows[:50], more=rows[50:])
    return page, 422 if form.errors else 200


def _reviewer(form: ReviewerForm) -> ReviewerFacts:
    words = tuple(form.disciplines.data.split())
    home = form.organisation.data
    return ReviewerFacts(form.email.data, home, form.stratum.data, form.title.data, words)


def _watched(code: str) -> Challenge:
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_watch(actor(), challenge):
        raise NotFound
    return challenge


def _board(challenge: Challenge) -> dict[str, Any]:
    review = queries.round_of(db.session, challenge.id)
    seats = [seat for seat in review.seats if seat.state in SEATED] if review else []
    made = [sheet for seat in seats for sheet in seat.sheets]
    return {
        "challenge": challenge,
        "review": review,
        "sheets_done": sum(sheet.state is SheetState.SUBMITTED for sheet in made),
        "sheets_all": len(made),
        "ranking": queries.latest_ranking(db.session, challenge.id),
        "may_start": challenge.state is ChallengeState.OPENED
        and bool(policy.may_start(actor(), challenge)),
        "submitted": SheetState.SUBMITTED,
        **bid_screens.line_of(challenge, now()),
    }


@pages.get("/challenges/<code>/round")
@signed_in
def board(code: str) -> str:
    """The officer's live page."""
    return render_template("reviews/board.html", **_board(_watched(code)))


@pages.get("/challenges/<code>/round/board")
@signed_in
def board_part(code: str) -> str:
    """The part of the live page that renews itself."""
    return render_template("reviews/_board.html", **_board(_watched(code)))


@pages.post("/challenges/<code>/round")
@signed_in
def start(code: str) -> Response:
    """Start the round; drawing and inviting are tasks."""
    service.start_round(actor(), _watched(code).id, now())
    done(N_("The round has begun; reviewers are being drawn and invited."))
    return see_other("reviews.board", code=code)


@pages.get("/reviews")
@signed_in
def mine() -> str:
    """A reviewer's seats and sheets."""
    rows = queries.my_seats(db.session, actor())
    return render_template("reviews/mine.html", rows=rows, submitted=SheetState.SUBMITTED)


@pages.get("/seats/<uuid:seat_id>")
@signed_in
def seat(seat_id: UUID) -> str:
    """An invitation, or a seat with its sheets."""
    return _seat_page(seat_id, DeclineForm())


def _seat_page(seat_id: UUID, form: DeclineForm) -> str:
    found = queries.own_seat(db.session, actor(), seat_id)
    challenge = found.round.challenge
    opened = bids.of_challenge(db.session, challenge.id)
    offers = [bid for bid in opened if bid.state is not BidState.REJECTED]
    teams = sorted({name for bid in offers for name in _names(bid)})
    titles = {bid.id: bid.lead.name for bid in offers}
    return render_template(
        "reviews/seat.html",
        seat=found,
        form=form,
        teams=teams,
        titles=titles,
        invited=found.state is SeatState.INVITED,
        submitted=SheetState.SUBMITTED,
        accepted=found.state in (SeatState.ACCEPTED, SeatState.DONE),
        may_leave=found.state is SeatState.ACCEPTED,
        **bid_screens.line_of(challenge, now()),
    )


def _names(bid: Any) -> list[str]:
    return [bid.lead.name, *(partner.organisation.name for partner in bid.partners)]


@pages.post("/seats/<uuid:seat_id>/accept")
@signed_in
def accept(seat_id: UUID) -> Response:
    """Take the seat."""
    sheets.accept(actor(), seat_id, now())
    done(N_("You have accepted. The score sheets appear when every seat is taken."))
    return see_other("reviews.seat", seat_id=seat_id)


@pages.post("/seats/<uuid:seat_id>/decline")
@signed_in
def decline(seat_id: UUID) -> ResponseReturnValue:
    """Give the seat back."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return _seat_page(seat_id, form), 422
    sheets.decline(actor(), seat_id, form.reason.data, now())
    done(N_("You have declined. The next reviewer in order is invited."))
    return see_other("reviews.mine")


@pages.route("/sheets/<uuid:sheet_id>", methods=["GET", "POST"])
@signed_in
def sheet(sheet_id: UUID) -> ResponseReturnValue:
    """The bid at the left, the score sheet at the right."""
    found = queries.sheet_visible_to(db.session, actor(), sheet_id)
    count = len(found.seat.round.challenge.criteria)
    if request.method == "GET":
        return _sheet_page(found, SheetForm.of(count, data=_stored(found)), 200)
    form = SheetForm.of(count)
    submits = "submit" in request.form
    try:
        if form.validate_on_submit():
            act = sheets.submit_sheet if submits else sheets.save_sheet
            act(actor(), sheet_id, _points(found, form), form.comment.data, now())
            done(N_("The sheet is submitted.") if submits else N_("The sheet is saved."))
            return see_other(
                "reviews.mine" if submits else "reviews.sheet", **_here(sheet_id, submits)
            )
    except (Invalid, InvalidInput) as error:
        form.place(error)
    return _sheet_page(found, form, 422)


def _here(sheet_id: UUID, submits: bool) -> dict[str, UUID]:
    return {} if submits else {"sheet_id": sheet_id}


def _stored(found: Sheet) -> dict[str, Any]:
    known = {score.criterion_id: score for score in found.scores}
    lines = []
    for criterion in found.seat.round.challenge.criteria:
        score = known.get(criterion.id)
        points, reason = (score.points, score.reason) if score else (None, "")
        lines.append({"points": points, "reason": reason})
    return {"lines": lines, "comment": found.comment}


def _points(found: Sheet, form: SheetForm) -> dict[UUID, Points]:
    """What was typed, by criterion; the lines stand in the rubric's order."""
    rubric = found.seat.round.challenge.criteria
    return {
        criterion.id: Points(line["points"].data, line["reason"].data or "")
        for criterion, line in zip(rubric, form.lines, strict=True)
    }


def _sheet_page(found: Sheet, form: SheetForm, code: int) -> tuple[str, int]:
    version = bids.submitted_version(db.session, found.bid)
    challenge = found.seat.round.challenge
    page = render_template(
        "reviews/sheet.html",
        sheet=found,
        form=form,
        terms=version.terms,
        document=version.document,
        challenge=challenge,
        lines=list(zip(challenge.criteria, form.lines, strict=True)),
        matrix=bid_screens.matrix(challenge, version.terms),
        locked=found.state is SheetState.SUBMITTED,
    )
    return page, code


@pages.get("/sheets/<uuid:sheet_id>/document")
@signed_in
def document(sheet_id: UUID) -> Response:
    """The bid's PDF."""
    found = queries.sheet_visible_to(db.session, actor(), sheet_id)
    return send_stored(bids.submitted_version(db.session, found.bid).document)
