"""The files of opened bids, read once after the opening; what was found is kept by their hash."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.bids import queries as bid_queries
from portal.bids.checks import papers
from portal.bids.checks.models import PaperReading
from portal.bids.documents import Handed, handed_in
from portal.bids.models import Bid
from portal.challenges.models import Challenge
from portal.core import jobs
from portal.core.db import db, transaction
from portal.core.files import FileStore
from portal.core.jobs import Job, Wish
from portal.core.tasks import Outcome, Task
from portal.core.titles import both
from portal.core.words import N_, Message

KIND = "bids.readings"
Kept = dict[tuple[str, str], PaperReading]
"""Readings by the hash and the media type of the file."""


def kept(session: Session, files: list[Handed]) -> Kept:
    """What was found of those of these files that have been read."""
    keys = {(one.sha256, one.media_type) for one in files}
    key = tuple_(PaperReading.sha256, PaperReading.media_type)
    query = select(PaperReading).where(key.in_(keys))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {(row.sha256, row.media_type): row for row in rows}


def read_missing(session: Session, bid: Bid, store: FileStore, now: datetime) -> None:
    """Read what was not read yet; a file that was missing or damaged is looked at once more."""
    files = handed_in(bid_queries.submitted_version(session, bid))
    known = kept(session, files)
    for key in dict.fromkeys((one.sha256, one.media_type) for one in files):
        if key not in known or not known[key].is_intact:
            _keep(session, *key, papers.read(store, *key), now)


def _keep(
    session: Session, digest: str, media_type: str, found: papers.Found, now: datetime
) -> None:
    facts = {"is_intact": found.is_intact, "pages": found.pages, "read_at": now}
    row = insert(PaperReading).values(sha256=digest, media_type=media_type, **facts)
    again = row.on_conflict_do_update(index_elements=["sha256", "media_type"], set_=facts)
    session.execute(again)


def ask(session: Session, challenge: Challenge, once: bool = False) -> Job:
    """Have the files of the opened bids read; with `once` only if nobody has asked before."""
    title = N_("Reading the files of the bids on “%(title)s”")
    wish = Wish(
        kind=KIND,
        subject=challenge.subject_ref,
        title=Message(title, {"title": both(challenge)}),
        organisation_id=challenge.call.issuer_id,
        back=f"/challenges/{challenge.code}/opening",
        parameters={"challenge_id": str(challenge.id), "code": challenge.code},
    )
    return jobs.ask(session, None, wish, once=once)


def read_all(task: Task, store: FileStore) -> Outcome:
    """Read the files of every opened bid of a challenge, a bid a step. Raises Stopped."""
    opened = bid_queries.of_challenge(db.session, UUID(task.parameters["challenge_id"]))
    waiting = [(bid.id, bid.lead.name) for bid in opened]
    for number, (bid_id, lead) in enumerate(waiting):
        words = Message(N_("Reading the bid of %(lead)s"), {"lead": lead})
        task.step(number, len(waiting), words)
        read_bid(bid_id, store, task.now)
    words = Message(N_("The files of %(count)s bids were read."), {"count": len(waiting)})
    return Outcome(words, url=f"/challenges/{task.parameters['code']}/opening")


def read_bid(bid_id: UUID, store: FileStore, now: datetime) -> None:
    """Read the files of one bid; a second run finds nothing to read."""
    with transaction() as session:
        read_missing(session, session.get_one(Bid, bid_id), store, now)
