"""Long work outside the request: a row that shows how far it is, can be cancelled, outlives its worker.

A feature asks for a job in its own transaction; core/tasks.py is the hand that a worker has on it.
`held_by` is a token that each taking over renews: whoever lost it can change nothing more.
`held_until` is in real time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from portal.core.access import OFFICERS, Actor, Decision, allow_if
from portal.core.db import Base, Json, Key, transaction, worded
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.outbox import Topic, announce
from portal.core.states import Move, Moves
from portal.core.words import N_, Message, Worded, again

LEASE = timedelta(seconds=30)
"""How long a worker may be silent before its job is handed on; it renews the lease three times."""
LOCK = 0x6A62_6A6F_6273
"""Advisory lock under which jobs are taken and let go, so that none is overlooked; before any row."""


class JobState(Worded):
    """Where a job stands."""

    QUEUED = "queued", N_("Waiting for its turn")
    RUNNING = "running", N_("Under way")
    DONE = "done", N_("Finished")
    FAILED = "failed", N_("Broken off")
    CANCELLED = "cancelled", N_("Cancelled")


_S = JobState
_WORKER, _PERSON = N_("worker"), N_("who asked, or an officer of the same body")
JOB_MOVES = Moves(
    "job",
    _S.QUEUED,
    Move(_S.QUEUED, "take", _S.RUNNING, _WORKER, N_("no more run than the portal allows")),
    Move(_S.RUNNING, "hand_on", _S.QUEUED, _WORKER, N_("its worker is lost, or it broke down")),
    Move(_S.RUNNING, "finish", _S.DONE, _WORKER, N_("by the worker that holds it")),
    Move(_S.RUNNING, "fail", _S.FAILED, _WORKER, N_("refused by a rule, or tried too often")),
    Move(_S.QUEUED, "cancel", _S.CANCELLED, _PERSON),
    Move(_S.RUNNING, "cancel", _S.CANCELLED, _PERSON, N_("its worker stops at the next step")),
)
LIVE = (JobState.QUEUED, JobState.RUNNING)


class Job(Base):
    """One piece of long work; texts are message ids with their parameters, for any language."""

    __tablename__ = "jobs"
    __table_args__ = (
        # Asking twice for the same work gives the same job as long as it lives.
        Index(
            "uq_jobs_live",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_jobs_subject", "subject", "kind", "created_at"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(120))
    title: Mapped[Json]
    parameters: Mapped[Json]
    asked_by: Mapped[UUID | None]
    organisation_id: Mapped[UUID]
    back: Mapped[str] = mapped_column(String(300))
    urgent: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[JobState] = mapped_column(worded(JobState, "job_state"), default=JobState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[Json | None]
    result: Mapped[Json | None]
    result_url: Mapped[str] = mapped_column(String(300), default="")
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    file_deleted_at: Mapped[datetime | None]
    error: Mapped[Json | None]
    attempts: Mapped[int] = mapped_column(default=0)
    held_by: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    file: Mapped[StoredFile | None] = relationship()

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self.state in LIVE


@dataclass(frozen=True)
class Wish:
    """What a feature wants to have done: `title` is for people, `back` the page it belongs to; what
    people stand and wait for is `urgent`, and waits for no other task."""

    kind: str
    subject: str
    title: Message
    organisation_id: UUID
    back: str
    parameters: dict[str, str] = field(default_factory=dict)
    urgent: bool = False


def stored(message: Message | None) -> Json | None:
    """A message as a job keeps it."""
    if message is None:
        return None
    return {"text": message.text, "parameters": message.kept()}


def told(kept: Json | None) -> Message | None:
    """A message as it was before it was kept."""
    if not kept:
        return None
    return again(kept["text"], kept["parameters"])


def may_see(actor: Actor, job: Job) -> Decision:
    """Who asked for it, and the officers of the body for which it is done."""
    own = job.asked_by == actor.user_id
    officer = job.organisation_id in actor.organisations_as(*OFFICERS)
    return allow_if(own or officer, N_("This task belongs to another body."))


def visible_to(session: Session, actor: Actor, job_id: UUID) -> Job:
    """The job, for those who may see it. Raises NotFound."""
    found = session.get(Job, job_id)
    if found is None or not may_see(actor, found):
        raise NotFound
    return found


def latest(session: Session, kind: str, subject: str) -> Job | None:
    """The newest job of a kind about one thing."""
    query = select(Job).where(Job.subject == subject, Job.kind == kind)
    return session.scalars(query.order_by(Job.created_at.desc(), Job.id).limit(1)).one_or_none()


def about(session: Session, kind: str, subject: str) -> Sequence[Job]:
    """All jobs of a kind about one thing, the oldest first."""
    query = select(Job).where(Job.subject == subject, Job.kind == kind)
    return session.scalars(query.order_by(Job.created_at, Job.id)).all()


def ask(session: Session, actor: Actor | None, wish: Wish, once: bool = False) -> Job:
    """Ask for a job, or find the one that lives (with `once`: or has ever been asked for)."""
    in_turn(session)
    known = latest(session, wish.kind, wish.subject)
    if known is not None and (once or known.is_live):
        return known
    job = Job(
        kind=wish.kind,
        subject=wish.subject,
        title=stored(wish.title),
        parameters=wish.parameters,
        asked_by=actor.user_id if actor else None,
        organisation_id=wish.organisation_id,
        back=wish.back,
        urgent=wish.urgent,
        held_until=real_time(session) + LEASE,
    )
    session.add(job)
    session.flush()
    announce(session, Topic.JOB_REQUESTED, job_id=job.id)
    return job


def cancel(actor: Actor, job_id: UUID, now: datetime) -> None:
    """Stop a job that waits or runs. Raises NotFound, IllegalMove."""
    with transaction() as session:
        in_turn(session)
        job = locked(session, job_id)
        if job is None or not may_see(actor, job):
            raise NotFound
        let_go(session, job, "cancel")
        job.finished_at = now


def let_go(session: Session, job: Job, action: str, wakes: bool = True) -> None:
    """Take the job out of its worker's hands, and call the one that has waited longest."""
    JOB_MOVES.move(job, action)
    job.held_by = job.held_until = None
    waiting = select(Job.id).where(Job.state == JobState.QUEUED, Job.id != job.id)
    following = session.scalar(waiting.order_by(Job.created_at).limit(1))
    if wakes and following is not None:
        announce(session, Topic.JOB_REQUESTED, job_id=following)


def in_turn(session: Session) -> None:
    """Nobody else takes or lets go of a job until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def locked(session: Session, job_id: UUID) -> Job | None:
    """The job, locked and fresh."""
    query = select(Job).where(Job.id == job_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def real_time(session: Session) -> datetime:
    """Real time, which no demonstration moves."""
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment
