"""A large file is checked and imported by a worker, with a progress page; a small one at once."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy
from portal.challenges.exchange import keeping, service
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.document import located
from portal.challenges.exchange.reading import WORKBOOK
from portal.challenges.exchange.report import Report
from portal.core import jobs
from portal.core.access import OFFICERS, Actor
from portal.core.db import db, transaction
from portal.core.errors import NotFound
from portal.core.files import FileStore, StoredFile
from portal.core.jobs import Job, JobState, Wish
from portal.core.tasks import Outcome, Task
from portal.core.words import N_, Message

KIND = "calls.import"
LARGE_WORKBOOK = 80_000
LARGE_YAML = 350_000
"""Bytes above which a file has some fifty challenges or more."""
CHECK, IMPORT = "check", "import"
FOUND = N_("Problems: %(problems)s. Nothing was imported; the file lists them.")
CLEAN = N_("Nothing is wrong. New drafts: %(made)s; changed: %(changed)s; as they were: %(same)s.")
HEADS = (N_("Sheet"), N_("Row"), N_("Column"), N_("Problem"))
Say = Callable[[Message, Language], str]
"""Puts a message into a language: catalogues belong to a room above this one."""
WRITTEN = N_("Imported: %(made)s new, %(changed)s changed.")


def is_large(kept: StoredFile) -> bool:
    """Whether a worker takes it."""
    return kept.size > (LARGE_WORKBOOK if kept.media_type == WORKBOOK else LARGE_YAML)


def subject(kept: StoredFile) -> str:
    """How the tasks about a file are found."""
    return f"file:{kept.id}"


def ask(actor: Actor, kept: StoredFile, mode: str, language: Language, now: datetime) -> Job:
    """Have a file checked or imported; problems are told in `language`. Raises NotAllowed."""
    with transaction() as session:
        policy.may_write(actor).enforce()
        audit.record(session, actor, Action.CALL_FILE_TAKEN, subject(kept), now, task=mode)
        wish = Wish(
            kind=KIND,
            subject=subject(kept),
            title=Message(N_("Import of “%(name)s”"), {"name": kept.name}),
            organisation_id=min(actor.organisations_as(*OFFICERS)),
            back=f"/desk/calls/import/{kept.id}",
            parameters={"file_id": str(kept.id), "mode": mode, "language": language},
        )
        return jobs.ask(session, actor, wish)


def is_ready(job: Job | None) -> bool:
    """Whether a file was checked and nothing is wrong with it."""
    words = jobs.told(job.result) if job is not None and job.state is JobState.DONE else None
    return words is not None and words.text == CLEAN


def run(task: Task, store: FileStore, say: Say) -> Outcome:
    """Check or import the file, as it was asked. Raises NotAllowed, NotFound, Stopped."""
    asker = db.session.get(Person, task.asked_by)
    kept = db.session.get(StoredFile, UUID(task.parameters["file_id"]))
    if asker is None or kept is None:
        raise NotFound
    actor, digest, back = actor_of(asker), kept.sha256, f"/desk/calls/import/{kept.id}"
    task.step(0, 2)
    document = keeping.document_of(store, kept)
    task.step(1, 2)
    is_check = task.parameters["mode"] == CHECK
    report = service.import_call(actor, document, task.now, is_check, digest, task.hold)
    if report.problems:
        words = Message(FOUND, {"problems": len(report.problems)})
        return Outcome(words, back, _listed(task, store, report, say))
    counts: dict[str, object] = dict(report.counts)
    if is_check:
        return Outcome(Message(CLEAN, counts), back)
    return Outcome(Message(WRITTEN, counts), "/desk/challenges")


def _listed(task: Task, store: FileStore, report: Report, say: Say) -> UUID:
    """The problems as a table that spreadsheets open, in the language of who asked."""
    language: Language = "en" if task.parameters.get("language") == "en" else "zh"
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([say(Message(head), language) for head in HEADS])
    for trouble in report.problems:
        told = say(Message(trouble.text, trouble.parameters), language)
        table.writerow((*located(trouble.place, language), _harmless(told)))
    data = text.getvalue().encode("utf-8-sig")
    digest = store.put(data)
    with transaction() as session:
        task.hold(session)
        return _stored(session, task, digest, len(data))


def _stored(session: Session, task: Task, digest: str, size: int) -> UUID:
    asked_by = task.asked_by or UUID(int=0)
    listed = StoredFile(
        sha256=digest, size=size, media_type="text/csv", name="problems.csv", uploaded_by=asked_by
    )
    session.add(listed)
    session.flush()
    return listed.id


def _harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
