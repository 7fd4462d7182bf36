"""The demonstration's panel: ranked online, its teams and experts invited, to be held today."""

from collections.abc import Iterator
from datetime import timedelta

from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.files import FileStore
from portal.demo.challenges import moment, person, titled
from portal.demo.course import checked
from portal.demo.panel import expert, start_review
from portal.demo.teams import Row, bid_of
from portal.reviews.panels import inviting, planning, queries
from portal.reviews.panels.planning import Day
from portal.reviews.panels.rules import Answer
from portal.reviews.rankings import service as rankings
from portal.reviews.rounds import answers
from portal.reviews.rounds import queries as rounds
from portal.reviews.rounds.rules import SeatState

MINUTES = ("talk", "questions", "judging", "pause")


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file["challenges"]) + 2 * len(file["bids"]) + 1


def load_panel(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its bids, their online review, and the panel; yields each step."""
    yield from checked(file, store)
    start_review(file["review"], file["call"]["officer"])
    challenge = titled(file["review"]["challenge"])
    if queries.of_challenge(db.session, challenge.id) is None:
        _rank(file["review"], challenge)
        _invite(file["panel"], file["call"]["officer"], challenge)
    yield challenge.title


def _rank(row: Row, challenge: Challenge) -> None:
    review = rounds.round_of(db.session, challenge.id)
    if review is None:
        raise NotFound
    rankings.rank_round(review.id, moment(challenge, row["submitted"]))


def _invite(row: Row, email: str, challenge: Challenge) -> None:
    """The officer plans it and invites; two teams and all experts say that they come."""
    officer, planned = person(email), moment(challenge, row["planned"])
    begins_at = clock.now(db.session) + timedelta(minutes=row["begins_in"])
    minutes = {name: row[name] for name in MINUTES}
    day = Day(place=row["place"], link=row["link"], begins_at=begins_at, **minutes)
    panel = planning.plan(officer, challenge.id, day, planned)
    inviting.invite(officer, panel.id, planned)
    answered = moment(challenge, row["answered"])
    for lead, words in row["coming"].items():
        bid = bid_of({"lead": lead}, challenge)
        if bid is not None:
            inviting.answer(person(lead), bid.id, Answer.COMING, words, answered)
    for seat in panel.round.seats:
        if seat.state is SeatState.INVITED:
            answers.accept(expert(seat), seat.id, answered)
