"""A call as a file: a small one at once, a large one by a worker, with a link to the result."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy
from portal.challenges import queries as challenges
from portal.challenges.exchange import queries, workbook_out, yaml_out
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.reading import WORKBOOK, YAML
from portal.challenges.models import Call, Challenge
from portal.core import jobs
from portal.core.access import SYSTEM, Actor
from portal.core.db import db, transaction
from portal.core.errors import NotFound
from portal.core.files import FileStore, StoredFile
from portal.core.jobs import Job, Wish
from portal.core.tasks import Outcome, Task
from portal.core.words import N_, Message

KIND = "calls.export"
LARGE = 60
"""Challenges above which a call is no work for a request: 500 take three to five seconds."""
MEDIA_TYPES = {"xlsx": WORKBOOK, "yaml": YAML}


def is_large(session: Session, call: Call) -> bool:
    """Whether a worker writes the file."""
    mine = select(func.count()).select_from(Challenge).where(Challenge.call_id == call.id)
    return (session.scalar(mine) or 0) > LARGE


def subject(call: Call, kind: str, language: Language) -> str:
    """How the tasks about a file of a call are found."""
    return f"call:{call.id}:{kind}:{language}"


def name_of(call: Call, kind: str) -> str:
    """What the file is called."""
    return f"{call.number}.{kind}"


def written(session: Session, call: Call, kind: str, language: Language) -> bytes:
    """The call with all its challenges, as a workbook or as YAML."""
    content = queries.stored(session, call)
    if kind == "yaml":
        return yaml_out.write(content)
    return workbook_out.write(content, language, queries.cluster_names(session, language))


def ask(actor: Actor, call_id: UUID, kind: str, language: Language, now: datetime) -> Job:
    """Have a call written by a worker. Raises NotFound, NotAllowed."""
    with transaction() as session:
        call = challenges.call(session, call_id)
        if call is None:
            raise NotFound
        policy.may_draft(actor, call).enforce()
        audit.record(session, actor, Action.CALL_EXPORTED, f"call:{call.id}", now, kind=kind)
        wish = Wish(
            kind=KIND,
            subject=subject(call, kind, language),
            title=Message(N_("“%(title)s” as a file"), {"title": call.title}),
            organisation_id=call.issuer_id,
            back=f"/desk/calls/{call.id}/export.{kind}",
            parameters={"call_id": str(call.id), "kind": kind, "language": language},
        )
        return jobs.ask(session, actor, wish)


def run(task: Task, store: FileStore) -> Outcome:
    """Write the file. Raises NotFound, Stopped."""
    call = challenges.call(db.session, UUID(task.parameters["call_id"]))
    if call is None:
        raise NotFound
    kind, language = task.parameters["kind"], task.parameters["language"]
    task.step(0, 2)
    data = written(db.session, call, kind, "en" if language == "en" else "zh")
    name = name_of(call, kind)
    task.step(1, 2)
    digest = store.put(data)
    with transaction() as session:
        task.hold(session)
        file = StoredFile(
            sha256=digest,
            size=len(data),
            media_type=MEDIA_TYPES[kind],
            name=name,
            uploaded_by=task.asked_by or SYSTEM.user_id,
        )
        session.add(file)
        session.flush()
        file_id = file.id
    return Outcome(Message(N_("The file is ready.")), file_id=file_id)
