"""An opening that breaks off at its end: it is ended once, whoever comes to do it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.bids.ceremony import queries, service
from portal.bids.counting import publishing
from portal.bids.models import Bid
from portal.bids.rules import BidState, opens_at
from portal.challenges.models import Challenge
from portal.core import failpoints
from portal.core.access import Actor
from portal.core.jobs import Job, JobState, told
from portal.core.outbox import Event, Topic
from portal.core.signing import Signer
from portal.core.tasks import ATTEMPTS
from tests.factories.bids import make_bid_challenge, make_sealed
from tests.factories.challenges import make_officer
from tests.factories.openings import PASSWORDS, TWO
from workers.jobs import run_job
from workers.tasks.jobs import KINDS


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.fixture
def due(session: Session, signer: Signer) -> tuple[Challenge, Actor, datetime]:
    """Two sealed bids, the officer, and when they may be opened."""
    challenge = make_bid_challenge()
    for _ in range(2):
        make_sealed(challenge=challenge, partners=[])
    officer = actor_of(make_officer(challenge))
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    session.commit()
    publishing.publish(challenge.id, signer, at)
    return challenge, officer, at


def begin(due: tuple[Challenge, Actor, datetime]) -> UUID:
    challenge, officer, at = due
    return service.open_with(officer, challenge.id, TWO, PASSWORDS, at).id


def job_of(session: Session, job_id: UUID) -> Job:
    session.expire_all()
    return session.get_one(Job, job_id)


def told_of_opening(session: Session) -> int:
    topics = list(session.scalars(select(Event.topic)))
    return topics.count(Topic.BIDS_OPENED.value)


def test_one_that_broke_off_behind_its_last_bid_is_ended_with_two_shares_again(
    session: Session, due: tuple[Challenge, Actor, datetime]
) -> None:
    challenge = due[0]
    job_id = begin(due)
    failpoints.arm("opening_end:error")
    for _ in range(ATTEMPTS):
        run_job(job_id, KINDS, 1)
    assert job_of(session, job_id).state is JobState.FAILED
    assert set(session.scalars(select(Bid.state))) == {BidState.OPENED}
    assert (queries.is_unfinished(session, challenge.id), told_of_opening(session)) == (True, 0)
    failpoints.arm("")
    run_job(begin(due), KINDS, 1)
    session.expire_all()
    opening = queries.opening_of(session, challenge.id)
    assert opening is not None
    assert (opening.key, queries.is_unfinished(session, challenge.id)) == (None, False)
    assert told_of_opening(session) == 1


def test_one_whose_worker_was_lost_behind_the_end_says_that_all_is_open(
    session: Session, due: tuple[Challenge, Actor, datetime]
) -> None:
    job_id = begin(due)
    failpoints.arm("opening_told:error")
    run_job(job_id, KINDS, 1)
    failpoints.arm("")
    run_job(job_id, KINDS, 1)
    job = job_of(session, job_id)
    assert (job.state, str(told(job.result))) == (JobState.DONE, "All 2 bids are open.")
    assert told_of_opening(session) == 1
