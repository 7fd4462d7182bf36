"""The vote beside the scores: once, by who has handed in; the ranking waits for it and counts it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.errors import NotAllowed
from portal.reviews.rankings import queries, service
from portal.reviews.rankings.votes import service as votes
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from tests.factories.disagreements import make_disputed
from tests.factories.reviews import reviewer_of, seats_of

Enter = Callable[[Person], FlaskClient]


def all_of(seat: Seat, in_favour: bool) -> dict:
    return {sheet.id: in_favour for sheet in seat.sheets}


def test_the_ranking_waits_for_every_vote_and_two_thirds_must_be_in_favour(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed(on_disagreement="note", expert_vote=True, pass_mark="0")
    challenge_id = review.challenge_id
    first, second, third = seats_of(review, SeatState.DONE)
    assert queries.latest_ranking(session, challenge_id) is None
    client = enter(session.get_one(Person, first.reviewer.person_id))
    url = f"/seats/{first.id}/vote"
    assert url in client.get("/desk").text
    assert client.post(url, data={"lines-0-vote": "yes"}).status_code == 422
    typed = {f"lines-{n}-vote": "yes" for n in range(2)}
    assert client.post(url, data=typed).status_code == 303
    assert client.post(url, data=typed).status_code == 403
    with pytest.raises(NotAllowed):
        votes.cast(reviewer_of(first), first.id, all_of(first, False), now)
    votes.cast(reviewer_of(second), second.id, all_of(second, False), now)
    service.rank_round(review.id, now)
    assert queries.latest_ranking(session, challenge_id) is None
    votes.cast(reviewer_of(third), third.id, all_of(third, False), now)
    service.rank_round(review.id, now)
    ranking = queries.latest_ranking(session, challenge_id)
    assert [(place.votes, place.passed) for place in ranking.places] == [(1, False), (1, False)]


def test_where_the_rule_has_no_vote_nobody_votes(session: Session, now: datetime) -> None:
    review = make_disputed(on_disagreement="note")
    (seat, *_) = seats_of(review, SeatState.DONE)
    with pytest.raises(NotAllowed):
        votes.cast(reviewer_of(seat), seat.id, all_of(seat, True), now)
