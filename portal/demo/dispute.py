"""The demonstration's review that is over: far apart on one bid, discussed under numbers, ranked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from portal.accounts import queries as accounts
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import db
from portal.core.files import FileStore
from portal.demo.challenges import moment, titled
from portal.demo.course import checked
from portal.demo.panel import start_review
from portal.demo.teams import Row
from portal.reviews.rankings import service as rankings
from portal.reviews.rankings.disagreement import queries, service
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rounds import queries as round_queries

BETWEEN = timedelta(minutes=17)
"""From one who speaks to the next."""


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file["challenges"]) + 2 * len(file["bids"]) + 1


def load_ranked(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call with its bids, its review and the disagreement; yields each step."""
    yield from load_reviewed(file, store)
    _settle(file["dispute"])
    yield file["dispute"]["challenge"]


def load_reviewed(file: Row, store: FileStore) -> Iterator[str]:
    """Enter a call with its bids and all their score sheets; yields each step."""
    yield from checked(file, store)
    start_review(file["review"], file["call"]["officer"])


def _settle(row: Row) -> None:
    """Find the disagreement, let its reviewers speak and answer, and rank."""
    challenge = titled(row["challenge"])
    review = round_queries.round_of(db.session, challenge.id)
    if review is None or challenge.state is not ChallengeState.REVIEWING:
        return
    review_id = review.id
    found_at, said_at, answered_at = (
        moment(challenge, row[name]) for name in ("found", "said", "answered")
    )
    rankings.rank_round(review_id, found_at)
    for found in queries.of_round(db.session, review_id):
        if found.is_open:
            low = _low(found)
            other = next(party for party in found.parties if party.id != low.id)
            for number, words in enumerate(row["words"]):
                who = low if words["low"] else other
                at = said_at + number * BETWEEN
                service.say(_expert(who), found.id, words["text"], at)
            _answer(found, low, row, answered_at)
    rankings.rank_round(review_id, answered_at)


def _answer(found: Disagreement, low: Party, row: Row, now: datetime) -> None:
    """The low one changes the first scores, the others stand by theirs."""
    changed = row["changed"]
    rubric = zip(found.round.challenge.criteria, changed["points"], strict=False)
    points = {criterion.id: Decimal(one) for criterion, one in rubric}
    parties = [(_expert(party), party.id == low.id) for party in found.parties]
    for expert, is_low in parties:
        given, reason = (points, changed["reason"]) if is_low else ({}, row["stands"])
        service.answer(expert, found.id, given, reason, now)


def _low(found: Disagreement) -> Party:
    """Who gave the lowest total."""
    sheets = queries.sheets_of(db.session, found)
    return min(found.parties, key=lambda party: sheets[party.seat_id].total or Decimal(0))


def _expert(party: Party) -> Actor:
    return accounts.actor_of(party.seat.reviewer.person)
