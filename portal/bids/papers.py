"""All opened bids of a challenge in one ZIP, for those who work through them: of each the whole as
one PDF, the bid document and what is attached."""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import policy, queries
from portal.bids.documents import handed_in
from portal.bids.models import Bid, BidVersion
from portal.challenges import queries as challenge_queries
from portal.core import jobs
from portal.core.access import SYSTEM, Actor
from portal.core.crypto import sha256
from portal.core.db import db, transaction
from portal.core.errors import IllegalMove
from portal.core.files import CHUNK, FileStore, StoredFile, display_name
from portal.core.jobs import Job, Wish
from portal.core.tasks import Outcome, Task
from portal.core.titles import both
from portal.core.words import N_, Message

KIND = "bids.papers"
ZIP = "application/zip"
NOT_IN_A_NAME = re.compile(r'[<>:"|?*\s]+')


@dataclass(frozen=True)
class Paper:
    """One document of a bid, and where it lies in the ZIP."""

    path: str
    lead: str
    title: str
    version: int
    submitted_at: datetime
    sha256: str
    """Of a file that was handed in; empty for the whole bid, which is set when it is packed."""
    bid_id: UUID


Whole = Callable[[Bid], bytes]
"""Sets a bid as one PDF: pages belong to a room above this one, so the worker brings it."""


def ask(actor: Actor, challenge_id: UUID, now: datetime) -> Job:
    """Have the documents put together. Raises NotAllowed, NotFound."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_take_papers(actor, challenge).enforce()
        audit.record(session, actor, Action.BIDS_PACKED, challenge.subject_ref, now)
        title = Message(N_("Documents of the bids on “%(title)s”"), {"title": both(challenge)})
        wish = Wish(
            kind=KIND,
            subject=challenge.subject_ref,
            title=title,
            organisation_id=challenge.call.issuer_id,
            back=f"/challenges/{challenge.code}/opening",
            parameters={"challenge_id": str(challenge_id), "code": challenge.code},
        )
        return jobs.ask(session, actor, wish)


def pack(task: Task, store: FileStore, whole: Whole) -> Outcome:
    """Write the ZIP, a document a step. Raises IllegalMove, Stopped."""
    papers = list(_papers(db.session, UUID(task.parameters["challenge_id"])))
    if not papers:
        raise IllegalMove(N_("There is no opened bid."))
    with tempfile.TemporaryFile() as target:
        missing = _write(task, store, whole, papers, target)
        target.seek(0)
        digest, size = store.put_stream(target)
    with transaction() as session:
        task.hold(session)
        stored = StoredFile(
            sha256=digest,
            size=size,
            media_type=ZIP,
            name=f"{task.parameters['code']}.zip",
            uploaded_by=task.asked_by or SYSTEM.user_id,
        )
        session.add(stored)
        session.flush()
        file_id = stored.id
    words = N_("%(count)s documents; %(missing)s could not be read and are marked in the index.")
    facts: dict[str, object] = {"count": len(papers) - missing, "missing": missing}
    if not missing:
        words, facts = N_("%(count)s documents."), {"count": len(papers)}
    return Outcome(Message(words, facts), file_id=file_id)


def _papers(session: Session, challenge_id: UUID) -> Iterator[Paper]:
    after = None
    number = 0
    while rows := queries.opened_versions(session, challenge_id, after):
        for version in rows:
            number += 1
            yield from _of(number, version)
        after = rows[-1].submitted_at, rows[-1].id


def _of(number: int, version: BidVersion) -> Iterator[Paper]:
    lead = version.bid.lead.name
    files = [("bid.pdf", ""), *((one.name, one.sha256) for one in handed_in(version))]
    for place, (name, digest) in enumerate(files):
        yield Paper(
            path=f"{number:03d}-{_tame(lead)}/{place:02d}-{_tame(name)}",
            lead=lead,
            title=version.terms.title,
            version=version.number,
            submitted_at=version.submitted_at,
            sha256=digest,
            bid_id=version.bid_id,
        )


def _tame(name: str) -> str:
    """A name that every system takes as one part of a path."""
    return NOT_IN_A_NAME.sub("_", display_name(name)).strip("._") or "file"


def _write(
    task: Task, store: FileStore, whole: Whole, papers: list[Paper], target: IO[bytes]
) -> int:
    """Write the documents and an index of them; returns how many could not be read."""
    lines: list[tuple[object, ...]] = []
    with ZipFile(target, "w", ZIP_STORED) as packed:
        for number, paper in enumerate(papers):
            task.step(number, len(papers), Message(paper.lead))
            if paper.sha256:
                there, digest = _copy(store, paper, packed), paper.sha256
            else:
                data = whole(db.session.get_one(Bid, paper.bid_id))
                packed.writestr(paper.path, data)
                there, digest = True, sha256(data)
            submitted = paper.submitted_at.isoformat()
            facts = (paper.lead, paper.title, paper.version, submitted, digest)
            lines.append((paper.path if there else "", *facts))
        packed.writestr("index.csv", _index(lines), ZIP_DEFLATED)
    return sum(not line[0] for line in lines)


def _copy(store: FileStore, paper: Paper, packed: ZipFile) -> bool:
    """Whether the store had the document."""
    try:
        source = store.open(paper.sha256)
    except OSError:
        return False
    with source, packed.open(paper.path, "w") as entry:
        while part := source.read(CHUNK):
            entry.write(part)
    return True


def _index(lines: list[tuple[object, ...]]) -> bytes:
    """A table of what is in the ZIP, which spreadsheets open as UTF-8."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("file", "lead", "title", "version", "submitted_at", "sha256"))
    table.writerows(_harmless(line) for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _harmless(line: tuple[object, ...]) -> list[str]:
    """Cells that a spreadsheet does not take for formulas."""
    cells = [str(cell) for cell in line]
    return [f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells]
