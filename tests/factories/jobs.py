"""Long tasks for tests."""

from itertools import count
from typing import Any
from uuid import uuid4

from portal.bids import papers
from portal.core import jobs
from portal.core.access import Actor
from portal.core.db import db
from portal.core.jobs import Job, Wish
from portal.core.words import Message

_numbers = count(1)


def make_wish(**facts: Any) -> Wish:
    """What a feature would ask for; nothing comes of it."""
    values: dict[str, Any] = {
        "kind": papers.KIND,
        "subject": f"thing:{next(_numbers)}",
        "title": Message("There is no opened bid."),
        "organisation_id": uuid4(),
        "back": "/desk",
        "parameters": {"challenge_id": str(uuid4()), "code": "X-1"},
    }
    return Wish(**{**values, **facts})


def make_job(actor: Actor | None = None, **facts: Any) -> Job:
    """A job that waits."""
    job = jobs.ask(db.session, actor, make_wish(**facts))
    db.session.commit()
    return job
