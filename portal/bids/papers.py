"""All documents of a challenge's opened bids in one ZIP, for those who work through them."""

import csv
import io
import re
import tempfile
from collections.abc import Iterator
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
from portal.bids.models import BidVersion
from portal.challenges import queries as challenge_queries
from portal.core import jobs
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, transaction
from portal.core.errors import IllegalMove
from portal.core.files import CHUNK, FileStore, StoredFile, display_name
from portal.core.jobs import Job, Wish
from portal.core.tasks import Outcome, Task
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


def ask(actor: Actor, challenge_id: UUID, now: datetime) -> Job:
    """Have the documents put together. Raises NotAllowed, NotFound."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_take_papers(actor, challenge).enforce()
        audit.record(session, actor, Action.BIDS_PACKED, challenge.subject_ref, now)
        title = Message(N_("Documents of the bids on “%(title)s”"), {"title": challenge.title})
        wish = Wish(
            kind=KIND,
            subject=challenge.subject_ref,
            title=title,
            organisation_id=challenge.call.issuer_id,
            back=f"/challenges/{challenge.code}/opening",
            parameters={"challenge_id": str(challenge_id), "code": challenge.code},
        )
        return jobs.ask(session, actor, wish)


def pack(task: Task, store: FileStore) -> Outcome:
    """Write the ZIP, a document a step. Raises IllegalMove, Stopped."""
    papers = list(_papers(db.session, UUID(task.parameters["challenge_id"])))
    if not papers:
        raise IllegalMove(N_("There is no opened bid."))
    with tempfile.TemporaryFile() as target:
        missing = _write(task, store, papers, target)
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
    for place, handed in enumerate(handed_in(version)):
        mark = f"{place:02d}-" if place else ""
        yield Paper(
            path=f"{number:03d}-{_tame(lead)}/{mark}{_tame(handed.name)}",
            lead=lead,
            title=version.terms.title,
            version=version.number,
            submitted_at=version.submitted_at,
            sha256=handed.sha256,
        )


def _tame(name: str) -> str:
    """A name that every system takes as one part of a path."""
    return NOT_IN_A_NAME.sub("_", display_name(name)).strip("._") or "file"


def _write(task: Task, store: FileStore, papers: list[Paper], target: IO[bytes]) -> int:
    """Write the documents and an index of them; returns how many could not be read."""
    lines: list[tuple[object, ...]] = []
    with ZipFile(target, "w", ZIP_STORED) as packed:
        for number, paper in enumerate(papers):
            task.step(number, len(papers), Message(paper.lead))
            there = _copy(store, paper, packed)
            submitted = paper.submitted_at.isoformat()
            facts = (paper.lead, paper.title, paper.version, submitted, paper.sha256)
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
