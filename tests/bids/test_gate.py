"""At the deadline: everybody who was in time is opened, nobody who was late is, whatever happens.

`stamp` is the database's time when a body was complete; what comes after it may take longer.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.bids.counting.models import BidCount
from portal.bids.models import Bid
from portal.bids.rules import BidState, opens_at
from portal.challenges import gate
from portal.challenges import service as challenge_service
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.core.errors import DeadlinePassed, DomainError, IllegalMove
from tests.factories.bids import hand_in, make_bid, make_bid_challenge
from tests.factories.challenges import make_officer
from tests.factories.openings import open_bids
from tests.waiting import until

INSTANT = timedelta(microseconds=1)
SAFETY = 60
TEAMS = 6


@dataclass
class Race:
    """A challenge at its deadline: teams with complete drafts, and the officer."""

    challenge: Challenge
    closes_at: datetime
    bids: list[Bid]
    leads: list[Actor]
    officer: Actor

    @property
    def due(self) -> datetime:
        """When the opening is allowed."""
        return opens_at(self.closes_at)


@pytest.fixture
def race(session: Session) -> Race:
    """Teams that hand in at the last moment."""
    challenge = make_bid_challenge()
    bids = [make_bid(challenge=challenge, partners=[]) for _ in range(TEAMS)]
    leads = [actor_of(session.get_one(Person, bid.started_by)) for bid in bids]
    officer = actor_of(make_officer(challenge))
    closes_at = challenge.closes_at
    assert closes_at is not None
    session.commit()
    return Race(challenge, closes_at, bids, leads, officer)


Outcome = DomainError | object


def act(app: Flask, what: Callable[[], object], start: Barrier | None = None) -> Outcome:
    """Do something on a connection of its own and say what came of it."""
    with app.app_context():
        if start is not None:
            start.wait(timeout=SAFETY)
        try:
            return what()
        except DomainError as error:
            return error


WAITING = {
    "in the gate": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    "for a row": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    " AND datname = current_database()",
}


def waits(where: str) -> bool:
    """Whether a session of this database waits there."""
    with db.engine.connect() as connection:
        return bool(connection.scalar(text(WAITING[where])))


def submission(race: Race, place: int, stamp: datetime) -> Callable[[], object]:
    lead, bid_id = race.leads[place], race.bids[place].id
    return lambda: hand_in(lead, bid_id, stamp).number


def opening(race: Race) -> Callable[[], object]:
    officer, challenge_id, due = race.officer, race.challenge.id, race.due
    return lambda: open_bids(officer, challenge_id, due)


def test_a_bid_that_is_in_the_gate_at_the_opening_is_opened_with_the_others(
    app: Flask, session: Session, race: Race
) -> None:
    # The first is in; the second has passed the gate and takes its time; then comes the opening.
    hand_in(race.leads[0], race.bids[0].id, race.closes_at - INSTANT)
    ids = [race.bids[1].id, race.challenge.id]
    with ThreadPoolExecutor(2) as pool:
        with db.engine.begin() as slow:
            slow.execute(text("SELECT 1 FROM bids WHERE id = :id FOR UPDATE"), {"id": ids[0]})
            late = pool.submit(act, app, submission(race, 1, race.closes_at - INSTANT))
            until(lambda: waits("for a row"), "the team's transaction is in the gate")
            opened = pool.submit(act, app, opening(race))
            until(lambda: waits("in the gate"), "the opening waits for whoever is in the gate")
            assert not late.done()
            assert not opened.done()
        assert late.result(SAFETY) == 1
        assert opened.result(SAFETY) == 2
    session.expire_all()
    assert [bid.state for bid in race.bids[:3]] == [
        BidState.OPENED,
        BidState.OPENED,
        BidState.DRAFT,
    ]


def test_a_bid_complete_in_time_and_committed_after_the_deadline_is_in_time(
    session: Session, race: Race
) -> None:
    stamp = race.closes_at - INSTANT
    later = race.closes_at - portal_time(session) + timedelta(seconds=1)
    session.execute(text("UPDATE portal_clock SET ahead = :ahead"), {"ahead": later})
    session.commit()
    assert portal_time(session) > race.closes_at
    session.rollback()
    version = hand_in(race.leads[0], race.bids[0].id, stamp)
    assert version.submitted_at == stamp
    assert open_bids(race.officer, race.challenge.id, race.due) == 1


def portal_time(session: Session) -> datetime:
    now: datetime = session.execute(text("SELECT portal_now()")).scalar_one()
    return now


def test_a_bid_at_the_closing_instant_is_late_even_before_the_opening(
    session: Session, race: Race
) -> None:
    for stamp in (race.closes_at, race.closes_at + INSTANT, race.due):
        with pytest.raises(DeadlinePassed):
            hand_in(race.leads[0], race.bids[0].id, stamp)
    hand_in(race.leads[1], race.bids[1].id, race.closes_at - INSTANT)
    assert open_bids(race.officer, race.challenge.id, race.due) == 1


def test_of_those_who_come_with_the_opening_each_is_in_or_told_so(
    app: Flask, session: Session, race: Race
) -> None:
    stamps = [race.closes_at - INSTANT] * (TEAMS - 1) + [race.closes_at]
    acts = [submission(race, place, stamp) for place, stamp in enumerate(stamps)]
    start = Barrier(TEAMS + 1)
    with ThreadPoolExecutor(TEAMS + 1) as pool:
        submitted = [pool.submit(act, app, one, start) for one in acts]
        opened = pool.submit(act, app, opening(race), start)
        outcomes = [one.result(SAFETY) for one in submitted]
        count = opened.result(SAFETY)
    assert isinstance(outcomes[-1], DeadlinePassed)
    received = [bid for bid, outcome in zip(race.bids, outcomes, strict=True) if outcome == 1]
    refused = [one for one in outcomes[:-1] if one != 1]
    assert {type(one) for one in refused} <= {IllegalMove}
    session.expire_all()
    if isinstance(count, IllegalMove):  # it came first, counted none, and that stands
        assert (received, session.scalars(select(BidCount.count)).all()) == ([], [0])
        return
    assert count == len(received)
    assert {bid.id for bid in race.bids if bid.state is BidState.OPENED} == {
        bid.id for bid in received
    }
    assert not [bid for bid in race.bids if bid.state is BidState.SUBMITTED]
    entries = list(session.scalars(select(Entry.kind).order_by(Entry.id)))
    expected = [Action.BID_SUBMITTED] * len(received) + [Action.BIDS_COUNTED]
    expected += [Action.SHARE_BROUGHT] * 2 + [Action.BIDS_OPENED]
    expected += [Action.BID_UNSEALED] * len(received)
    assert entries == [one.value for one in expected]
    published = session.scalars(select(BidCount)).one()
    assert published.count == len(received), "nobody came between the count and the opening"


def test_submissions_pass_the_gate_together(app: Flask, session: Session, race: Race) -> None:
    # With one of them inside and going on, all others get their receipts.
    challenge_id = race.challenge.id
    with transaction() as inside:
        gate.enter(inside, challenge_id)
        with ThreadPoolExecutor(TEAMS) as pool:
            stamp = race.closes_at - INSTANT
            acts = [submission(race, place, stamp) for place in range(TEAMS)]
            waiting: list[Future[Outcome]] = [pool.submit(act, app, one) for one in acts]
            assert [one.result(SAFETY) for one in waiting] == [1] * TEAMS
    assert open_bids(race.officer, challenge_id, race.due) == TEAMS


def test_the_same_bid_sent_twice_at_once_is_one_version(
    app: Flask, session: Session, race: Race
) -> None:
    start = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        same = submission(race, 0, race.closes_at - INSTANT)
        twice = [pool.submit(act, app, same, start) for _ in range(2)]
        assert [one.result(SAFETY) for one in twice] == [1, 1]
    session.expire_all()
    assert len(race.bids[0].versions) == 1


def cancelling(race: Race) -> Callable[[], object]:
    officer, challenge_id, now = race.officer, race.challenge.id, race.closes_at - INSTANT
    why = "立项条件变化,本榜题撤销。"
    return lambda: challenge_service.cancel(officer, challenge_id, why, now).state.value


def test_a_cancelled_challenge_takes_no_bid_and_waits_for_those_that_are_in_the_gate(
    app: Flask, session: Session, race: Race
) -> None:
    bid_id, stamp = race.bids[0].id, race.closes_at - INSTANT
    with ThreadPoolExecutor(2) as pool:
        with db.engine.begin() as slow:
            slow.execute(text("SELECT 1 FROM bids WHERE id = :id FOR UPDATE"), {"id": bid_id})
            inside = pool.submit(act, app, submission(race, 0, stamp))
            until(lambda: waits("for a row"), "the team's transaction is in the gate")
            cancelled = pool.submit(act, app, cancelling(race))
            until(lambda: waits("in the gate"), "the cancelling waits for whoever is in the gate")
        assert inside.result(SAFETY) == 1
        assert cancelled.result(SAFETY) == "cancelled"
    assert isinstance(act(app, submission(race, 1, stamp)), IllegalMove)
    entries = list(session.scalars(select(Entry.kind).order_by(Entry.id)))
    assert entries == [Action.BID_SUBMITTED.value, Action.CHALLENGE_CANCELLED.value]
