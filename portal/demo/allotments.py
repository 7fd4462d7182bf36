"""The demonstration's assignment for a call: two scenarios to look at, before anyone is invited."""

from datetime import datetime
from typing import Any
from uuid import UUID

from portal.core import tasks
from portal.core.access import Actor
from portal.core.db import db, transaction
from portal.demo.challenges import moment, person, titled
from portal.demo.checks import AT_ONCE
from portal.reviews.allotment import queries, service, solving
from portal.reviews.allotment.rules import Wanted

Row = dict[str, Any]


def prepare_allotment(row: Row, email: str) -> None:
    """Have each scenario of the row solved, unless the call has its assignment."""
    challenge = titled(row["challenge"])
    if queries.current(db.session, challenge.call_id) is not None:
        return
    officer, now = person(email), moment(challenge, row["asked"])
    topics = {challenge.id: list(row["topics"])}
    for wanted in row["scenarios"]:
        _solve(officer, challenge.call_id, Wanted.read(wanted), topics, now)


def _solve(
    officer: Actor, call_id: UUID, wanted: Wanted, topics: service.Topics, now: datetime
) -> None:
    job_id = service.ask(officer, call_id, wanted, topics, now).id
    with transaction() as session:
        task = tasks.take(session, job_id, AT_ONCE, now)
    if task is not None:
        tasks.finish(task, solving.run(task), now)
