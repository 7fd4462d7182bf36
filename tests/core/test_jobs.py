"""Long tasks: asked for once, taken by one worker, shown, cancelled, handed on, never for ever."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import jobs, tasks
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.errors import IllegalMove, NotFound
from portal.core.jobs import LEASE, Job, JobState, told
from portal.core.outbox import Event, Topic
from portal.core.tasks import ATTEMPTS, Outcome, Stopped, Task
from portal.core.words import Message
from tests.factories.accounts import make_actor, make_city_body, make_organisation
from tests.factories.jobs import make_job, make_wish
from tests.threads import at_once

NEWS = Message("%(count)s documents.", {"count": 3})


def taken(job_id, now, most=1) -> Task | None:
    with transaction() as session:
        return tasks.take(session, job_id, most, now)


def fresh(session: Session, job_id) -> Job:
    session.rollback()
    session.expire_all()
    return session.get_one(Job, job_id)


def requests(session: Session, job_id) -> int:
    query = select(func.count()).where(
        Event.topic == Topic.JOB_REQUESTED.value, Event.payload["job_id"].astext == str(job_id)
    )
    return session.scalar(query) or 0


def lease_runs_out(session: Session) -> None:
    past = func.clock_timestamp() - timedelta(seconds=1)
    session.execute(update(Job).values(held_until=past))
    session.commit()


def test_asking_twice_gives_the_job_that_lives_and_a_new_one_after_it(session, now):
    wish = make_wish()
    first = make_job(subject=wish.subject).id
    assert make_job(subject=wish.subject).id == first
    assert requests(session, first) == 1
    task = taken(first, now)
    assert make_job(subject=wish.subject).id == first
    tasks.finish(task, Outcome(NEWS), now)
    assert jobs.ask(session, None, make_wish(subject=wish.subject), once=True).id == first
    assert make_job(subject=wish.subject).id != first


def test_two_who_ask_at_once_get_one_job(app, session):
    wish = make_wish()

    def ask() -> None:
        with transaction() as own:
            jobs.ask(own, None, wish)

    session.commit()
    assert at_once(app, *[ask] * 4) == [None] * 4
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_of_many_workers_one_takes_the_job(app, session, now):
    job_id = make_job().id
    found: list[Task | None] = []
    session.rollback()
    assert at_once(app, *[lambda: found.append(taken(job_id, now, most=9))] * 4) == [None] * 4
    assert len([task for task in found if task]) == 1


def test_no_more_run_than_may_and_the_next_is_called_when_one_ends(session, now):
    first, second, third = (make_job().id for _ in range(3))
    task = taken(first, now)
    assert taken(second, now) is None
    assert taken(second, now, most=2) is not None
    assert requests(session, third) == 1
    tasks.finish(task, Outcome(NEWS), now)
    assert requests(session, third) == 2
    assert taken(third, now, most=2) is not None


def test_what_people_wait_for_waits_for_no_other_and_nothing_waits_for_it(session, now):
    first, urgent, last = (make_job(urgent=what).id for what in (False, True, False))
    other = taken(first, now)
    assert taken(urgent, now) is not None
    assert taken(last, now) is None
    tasks.finish(other, Outcome(NEWS), now)
    assert taken(last, now) is not None


def test_steps_and_the_outcome_can_be_read(session, now):
    job_id = make_job().id
    task = taken(job_id, now)
    task.step(2, 7, NEWS)
    shown = fresh(session, job_id)
    assert (shown.state, shown.done, shown.total) == (JobState.RUNNING, 2, 7)
    assert told(shown.note) == Message(NEWS.text, {"count": "3"})
    tasks.finish(task, Outcome(NEWS, url="/desk"), now)
    shown = fresh(session, job_id)
    assert (shown.state, shown.done, shown.total) == (JobState.DONE, 7, 7)
    assert (str(told(shown.result)), shown.result_url) == ("3 documents.", "/desk")
    assert (shown.held_by, shown.note, shown.finished_at) == (None, None, now)


def test_a_cancelled_job_stops_at_its_next_step_and_leaves_nothing(session, now):
    body = make_city_body()
    officer = make_actor(Role.CITY_OFFICER, organisation=body)
    job_id = make_job(organisation_id=body.id).id
    task = taken(job_id, now)
    task.step(1, 2)
    jobs.cancel(officer, job_id, now)
    assert fresh(session, job_id).state is JobState.CANCELLED
    for late in (
        lambda: task.step(2, 2),
        lambda: tasks.finish(task, Outcome(NEWS), now),
        lambda: tasks.fail(task, NEWS, now),
        lambda: tasks.give_back(task, now),
    ):
        with pytest.raises(Stopped):
            late()
    assert fresh(session, job_id).result is None
    with pytest.raises(IllegalMove):
        jobs.cancel(officer, job_id, now)


def test_who_asked_and_officers_of_the_body_see_and_cancel_it_and_nobody_else(session, now):
    body = make_city_body()
    asker = make_actor(Role.AUDITOR)
    may = [asker, make_actor(Role.DISTRICT_OFFICER, organisation=body)]
    strangers = [
        make_actor(Role.CITY_OFFICER),
        make_actor(Role.AUDITOR),
        make_actor(Role.BIDDER_LEAD, organisation=body),
        make_actor(Role.ADMINISTRATOR, organisation=make_organisation()),
    ]
    for one in may:
        job_id = make_job(asker, organisation_id=body.id).id
        for stranger in strangers:
            with pytest.raises(NotFound):
                jobs.visible_to(session, stranger, job_id)
            with pytest.raises(NotFound):
                jobs.cancel(stranger, job_id, now)
        assert jobs.visible_to(session, one, job_id).id == job_id
        jobs.cancel(one, job_id, now)
    with pytest.raises(NotFound):
        jobs.visible_to(session, asker, uuid4())


def test_a_lost_workers_job_is_handed_on_and_the_lost_one_can_do_nothing_more(session, now):
    job_id = make_job().id
    task = taken(job_id, now)
    session.rollback()
    assert tasks.hand_on(now) == 0
    lease_runs_out(session)
    assert tasks.hand_on(now) == 1
    assert (fresh(session, job_id).state, requests(session, job_id)) == (JobState.QUEUED, 2)
    other = taken(job_id, now)
    assert other is not None
    with pytest.raises(Stopped):
        task.step(1, 2)
    other.step(1, 2)
    assert tasks.hand_on(now) == 0


def test_a_worker_that_is_busy_for_long_keeps_its_job_as_long_as_it_says_so(session, now):
    job_id = make_job().id
    task = taken(job_id, now)
    lease_runs_out(session)
    with transaction() as own:
        assert tasks.renew(own, task)
    assert tasks.hand_on(now) == 0
    until = fresh(session, job_id).held_until
    assert until is not None
    assert jobs.real_time(session) < until <= jobs.real_time(session) + LEASE
    tasks.give_back(task, now)
    with transaction() as own:
        assert not tasks.renew(own, task)


def test_a_job_that_breaks_down_is_tried_again_but_not_for_ever(session, now):
    job_id = make_job().id
    waiting = make_job().id
    for attempt in range(1, ATTEMPTS + 1):
        tasks.give_back(taken(job_id, now), now)
        found = fresh(session, job_id)
        last = attempt == ATTEMPTS
        assert found.state is (JobState.FAILED if last else JobState.QUEUED)
    assert "several times" in str(told(found.error))
    assert requests(session, waiting) == 2, "the next is called"
    assert taken(job_id, now) is None


def test_a_waiting_job_whose_event_was_lost_is_called_again(session, now):
    job_id = make_job().id
    assert tasks.hand_on(now) == 0
    lease_runs_out(session)
    assert tasks.hand_on(now) == 1
    assert tasks.hand_on(now) == 0, "not again and again"
    assert requests(session, job_id) == 2


def test_the_database_refuses_a_second_live_job_for_the_same_work(session):
    job = make_job()
    facts = {c.key: getattr(job, c.key) for c in Job.__table__.columns if c.key != "id"}
    session.add(Job(**facts))
    with pytest.raises(IntegrityError, match="uq_jobs_live"):
        session.flush()
    session.rollback()
