"""Long tasks: which feature does which kind of them."""

from datetime import datetime
from functools import partial
from uuid import UUID

from flask import current_app
from flask_babel import force_locale

from portal.bids import papers
from portal.bids.ceremony import unsealing
from portal.bids.ceremony.service import KIND as OPENING
from portal.bids.checks import readings
from portal.bids.likeness import comparing
from portal.bids.likeness.service import KIND as LIKENESS
from portal.bids.models import Bid
from portal.bids.sections import paper
from portal.bids.sections.labels import form_text
from portal.challenges.exchange import background as exchange
from portal.challenges.exchange import exporting
from portal.core.outbox import Topic
from portal.core.tasks import Outcome, Task
from portal.core.web import LOCALES, store, translated
from portal.core.words import Message
from portal.reviews.allotment import solving
from portal.reviews.allotment.service import KIND as ALLOTMENT
from workers.handlers import handles
from workers.jobs import Run, run_job


def pack(task: Task) -> Outcome:
    """All documents of a challenge's bids in one file."""

    def whole(bid: Bid) -> bytes:
        with force_locale("zh"):
            return paper.made(bid, task.now)

    return papers.pack(task, store(), whole)


def compare(task: Task) -> Outcome:
    """Which bids are alike."""
    return comparing.compare(task, store(), partial(form_text, languages=tuple(LOCALES)))


def said_in(message: Message, language: str) -> str:
    """A message in a language."""
    with force_locale(language):
        return translated(message)


def take_out(task: Task) -> Outcome:
    """A large call as a file."""
    return exporting.run(task, store())


def bring_in(task: Task) -> Outcome:
    """A large file of a call, checked or imported."""
    return exchange.run(task, store(), said_in)


def read_files(task: Task) -> Outcome:
    """Whether the files of opened bids are whole and open."""
    return readings.read_all(task, store())


def open_bids(task: Task) -> Outcome:
    """The sealed bids of a challenge, each by itself."""
    return unsealing.run(task, store())


KINDS: dict[str, Run] = {
    papers.KIND: pack,
    LIKENESS: compare,
    readings.KIND: read_files,
    exchange.KIND: bring_in,
    exporting.KIND: take_out,
    OPENING: open_bids,
    ALLOTMENT: solving.run,
}


@handles(Topic.JOB_REQUESTED)
def run(payload: dict[str, str], now: datetime) -> None:
    """task requested -> it is done, unless as many run as may."""
    settings = current_app.extensions["portal_settings"]
    run_job(UUID(payload["job_id"]), KINDS, settings.jobs_at_once)
