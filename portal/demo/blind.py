"""The demonstration's blind review: one sheet was given back, one expert left, the next is invited."""

from collections.abc import Iterator

from portal.core.db import db
from portal.core.files import FileStore
from portal.demo import dispute
from portal.demo.challenges import moment, person, titled
from portal.demo.panel import expert
from portal.demo.teams import Row
from portal.reviews.rounds import answers, queries, service
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import reopening
from portal.reviews.sheets.rules import SheetState


def load_blind(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its bids and its review, and what happened in it; yields each step."""
    yield from dispute.load_reviewed(file, store)
    _go_on(file)
    yield file["call"]["title"]


def _go_on(file: Row) -> None:
    """The officers give the first sheet back; the last expert leaves, unless somebody has."""
    challenge = titled(file["review"]["challenge"])
    review = queries.round_of(db.session, challenge.id)
    if review is None or any(seat.state is SeatState.DECLINED for seat in review.seats):
        return
    first, last = review.seats[0], review.seats[-1]
    sheet = next(one for one in first.sheets if one.state is SheetState.SUBMITTED)
    review_id, who, sheet_id = review.id, expert(last), sheet.id
    officer, second = (person(file["call"][one]) for one in ("officer", "second"))
    told, left = file["returned"], file["left"]
    reopening.ask(officer, sheet_id, told["reason"], moment(challenge, told["asked"]))
    reopening.agree(second, sheet_id, moment(challenge, told["agreed"]))
    at = moment(challenge, left["at"])
    answers.decline(who, last.id, left["reason"], at)
    service.refill(review_id, at)
