"""Who may do what to a round and a seat: every role, and every state of a seat."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core.access import Actor, Role
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds import policy as round_policy
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import policy as sheet_policy
from tests.factories.accounts import make_actor
from tests.factories.awards import officer_of
from tests.factories.reviews import make_review_challenge

MINUTE = timedelta(minutes=1)


def seat_of(actor: Actor, state: SeatState, answer_by: datetime) -> Seat:
    return Seat(reviewer=Reviewer(person_id=actor.user_id), state=state, answer_by=answer_by)


@pytest.mark.parametrize("role", list(Role))
def test_a_round_is_run_by_the_issuing_body_and_watched_by_who_reads_its_papers(
    session: Session, role: Role
) -> None:
    challenge = make_review_challenge(bids=0)
    own, stranger = officer_of(challenge), make_actor(role)
    assert round_policy.may_start(own, challenge)
    assert round_policy.may_watch(own, challenge)
    assert not round_policy.may_start(stranger, challenge)
    overseers = {Role.AUDITOR, Role.CITY_OFFICER}
    assert bool(round_policy.may_watch(stranger, challenge)) == (role in overseers)


@pytest.mark.parametrize("state", list(SeatState))
def test_a_seat_is_answered_and_scored_by_its_reviewer_only(
    session: Session, now: datetime, state: SeatState
) -> None:
    owner, other = make_actor(Role.REVIEWER), make_actor(Role.REVIEWER)
    seat = seat_of(owner, state, now)
    in_time, late = now - MINUTE, now
    assert round_policy.may_answer(owner, seat, in_time)
    assert not round_policy.may_answer(other, seat, in_time)
    assert bool(round_policy.may_answer(owner, seat, late)) == (state is not SeatState.INVITED)
    assert bool(sheet_policy.may_score(owner, seat)) == (state is SeatState.ACCEPTED)
    assert not sheet_policy.may_score(other, seat)
