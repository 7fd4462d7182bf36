"""The officer's live board, and the reviewer's seats."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.bids import screens as bid_screens
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.board import screens as board_screens
from portal.reviews.draws import queries as draw_queries
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rounds import answers, policy, queries, service
from portal.reviews.rounds.forms import DeclineForm
from portal.reviews.rounds.rules import SEATED, RoundKind, SeatState
from portal.reviews.sheets.aliases import is_blind
from portal.reviews.sheets.progress import bid_names, progress_of
from portal.reviews.sheets.rules import SheetState

pages = Blueprint("reviews", __name__)


def watched(code: str) -> Challenge:
    """The challenge whose round the reader may watch. Raises NotFound."""
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
        "ranking": ranking_queries.latest_ranking(db.session, challenge.id),
        **board_screens.values(review, now()),
        "may_override": policy.may_override(actor(), challenge),
        "may_start": challenge.state is ChallengeState.OPENED
        and bool(policy.may_start(actor(), challenge)),
        "is_drawn": bool(draw_queries.drawn(db.session, challenge.id)),
        "submitted": SheetState.SUBMITTED,
        **bid_screens.line_of(challenge, now()),
    }


@pages.get("/challenges/<code>/round")
@signed_in
def board(code: str) -> str:
    """The officer's live page."""
    return render_template("reviews/board.html", **_board(watched(code)))


@pages.get("/challenges/<code>/round/board")
@signed_in
def board_part(code: str) -> str:
    """The part of the live page that renews itself."""
    return render_template("reviews/_board.html", **_board(watched(code)))


@pages.post("/challenges/<code>/round")
@signed_in
def start(code: str) -> Response:
    """Start the round; drawing and inviting are tasks."""
    service.start_round(actor(), watched(code).id, now())
    done(N_("The round has begun; the reviewers are being invited."))
    return see_other("reviews.board", code=code)


@pages.get("/reviews")
@signed_in
def mine() -> str:
    """A reviewer's seats and sheets, and which sheet is next."""
    rows = queries.my_seats(db.session, actor())
    way = progress_of(db.session, actor())
    return render_template("reviews/mine.html", rows=rows, way=way, submitted=SheetState.SUBMITTED)


@pages.get("/seats/<uuid:seat_id>")
@signed_in
def seat(seat_id: UUID) -> str:
    """An invitation, or a seat with its sheets."""
    return _seat_page(seat_id, DeclineForm())


def _seat_page(seat_id: UUID, form: DeclineForm) -> str:
    found = queries.own_seat(db.session, actor(), seat_id)
    challenge = found.round.challenge
    offers = [] if is_blind(found.round) else queries.bids_of(db.session, found)
    teams = sorted({name for bid in offers for name in _names(bid)})
    names = bid_names(db.session, found.sheets)
    return render_template(
        "reviews/seat.html",
        seat=found,
        form=form,
        teams=teams,
        is_blind=is_blind(found.round),
        names=names,
        sheets=sorted(found.sheets, key=lambda one: names[one.id]),
        invited=found.state is SeatState.INVITED,
        submitted=SheetState.SUBMITTED,
        accepted=found.state in (SeatState.ACCEPTED, SeatState.DONE),
        of_pool=found.round.kind is RoundKind.POOL,
        may_leave=found.state is SeatState.ACCEPTED,
        **bid_screens.line_of(challenge, now()),
    )


def _names(bid: Any) -> list[str]:
    return [bid.lead.name, *(partner.organisation.name for partner in bid.partners)]


@pages.post("/seats/<uuid:seat_id>/decline")
@signed_in
def decline(seat_id: UUID) -> ResponseReturnValue:
    """Give the seat back."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return _seat_page(seat_id, form), 422
    answers.decline(actor(), seat_id, form.reason.data, now())
    done(N_("You have declined. The next reviewer in order is invited."))
    return see_other("reviews.mine")
