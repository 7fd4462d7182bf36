"""Running one long task: taken over with its event, its lease renewed while it is busy."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.core import clock, outbox, tasks
from portal.core.db import db, transaction
from portal.core.errors import DomainError
from portal.core.jobs import LEASE
from portal.core.tasks import Outcome, Stopped, Task

log = logging.getLogger(__name__)
Run = Callable[[Task], Outcome]
PULSE = LEASE.total_seconds() / 3


def run_job(job_id: UUID, kinds: Mapping[str, Run], most: int) -> None:
    """Run a job, if it waits and no more run than may; the event is done once it is taken over."""
    with transaction() as session:
        task = tasks.take(session, job_id, most, clock.now(session))
    if task is None:
        return
    with outbox.afterwards(), renewed(db.engine, task):
        try:
            _run(task, kinds)
        except Stopped:
            log.info("job %s (%s) was cancelled or handed on", task.id, task.kind)


def _run(task: Task, kinds: Mapping[str, Run]) -> None:
    try:
        outcome = kinds[task.kind](task)
    except Stopped:
        raise
    except DomainError as error:
        tasks.fail(task, error.message, clock.now(db.session))
    except Exception:
        log.exception("job %s (%s) broke down", task.id, task.kind)
        db.session.rollback()
        tasks.give_back(task, clock.now(db.session))
    else:
        tasks.finish(task, outcome, clock.now(db.session))


@contextmanager
def renewed(engine: Engine, task: Task, pulse: float = PULSE) -> Iterator[None]:
    """Meanwhile a thread says that the worker lives; it ends with the worker, or when the job has."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(pulse):
            try:
                with Session(engine) as session, session.begin():
                    if not tasks.renew(session, task):
                        return
            except Exception:
                log.exception("the lease of job %s could not be renewed", task.id)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
