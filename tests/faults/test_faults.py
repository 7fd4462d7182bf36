"""What is lost when a process is killed or a server goes away: time, and nothing else."""

import os
import signal

import pytest

from portal import embedded
from tests.faults.conftest import BIDDERS, MINUTE, Yard
from tests.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]


def everything_is_done_once(yard: Yard, announced: int) -> None:
    """Every event handled within a minute, and none twice with effect."""
    before = yard.value("SELECT count(*) FROM outbox") - announced
    until(yard.all_done, "every event is handled", MINUTE)
    assert yard.value("SELECT count(*) FROM tally") == before + announced
    assert yard.value("SELECT count(DISTINCT event_id) FROM tally") == before + announced
    told = (before + announced) * BIDDERS
    assert yard.value("SELECT count(*) FROM inbox_items") == told


@pytest.mark.usefixtures("clear")
def test_killed_workers_lose_no_event_and_repeat_no_effect(yard: Yard):
    worker = yard.start_worker(tasks=1)
    first, second, *others = yard.challenges(82)
    with yard.held([first, second]):
        yard.announce([first])
        until(yard.blocked, "a handler is in the middle of its transaction")
        [child] = worker.children()
        os.kill(child.pid, signal.SIGKILL)
        until(lambda: child not in worker.children() and worker.children(), "a new child")
        yard.announce(others[:10])
        done = "SELECT count(*) FROM tally"
        until(lambda: yard.value(done) == 10, "the worker goes on with a new child")
        assert worker.alive()
        yard.announce([second])
        until(yard.blocked, "a handler is in the middle of its transaction")
        yard.announce(others[10:])
        assert yard.value(done) == 10, "the others wait"
        worker.kill()
    yard.start_worker()
    everything_is_done_once(yard, 82)


@pytest.mark.usefixtures("clear")
def test_a_broker_that_forgets_everything_loses_no_event(yard: Yard):
    worker = yard.start_worker()
    first, second, *others = yard.challenges(72)
    with yard.held([first, second]):
        yard.announce([first, second])
        until(lambda: yard.blocked() == 2, "both children are busy")
        yard.announce(others[:30])
        sent = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND sent_until IS NOT NULL"
        until(lambda: yard.value(sent) == 32, "the others wait in the broker")
        yard.stop_valkey()
        yard.announce(others[30:45])
    embedded.start_valkey(yard.directory)
    yard.announce(others[45:])
    everything_is_done_once(yard, 72)
    assert worker.alive()


@pytest.mark.usefixtures("clear")
def test_a_database_that_restarts_in_the_middle_loses_no_event(yard: Yard):
    worker = yard.start_worker()
    first, *others = yard.challenges(61)
    with yard.held([first]):
        yard.announce([first, *others[:40]])
        until(yard.blocked, "a handler is in the middle of its transaction")
        yard.stop_postgres()
    embedded.start_postgres(yard.directory)
    yard.announce(others[40:])
    everything_is_done_once(yard, 61)
    assert worker.alive()
