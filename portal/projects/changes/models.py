"""Tables of changes that a lead asks for, what proves them, and who answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, Json, Key, Prose, worded
from portal.core.files import StoredFile
from portal.projects.changes.rules import ChangeKind, ChangeState, Voice
from portal.projects.models import Project
from portal.reviews.pool.models import Reviewer


class Change(Base):
    """One request: `before` is what held when it was asked, `after` what is asked for."""

    __tablename__ = "changes"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        # One request of a kind at a time, however often the button is pressed.
        Index(
            "uq_changes_waiting",
            "project_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        # A project is extended once.
        Index(
            "uq_changes_extended",
            "project_id",
            unique=True,
            postgresql_where=text("kind = 'time' AND state = 'granted'"),
        ),
        Index("ix_changes_open", "requested_at", postgresql_where=text("state = 'requested'")),
        CheckConstraint(
            "(state = 'requested') = (decided_at IS NULL)", name="decided_has_its_date"
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    number: Mapped[int]
    kind: Mapped[ChangeKind] = mapped_column(worded(ChangeKind, "change_kind"))
    state: Mapped[ChangeState] = mapped_column(
        worded(ChangeState, "change_state"), default=ChangeState.REQUESTED
    )
    reason: Mapped[Prose]
    before: Mapped[Json]
    after: Mapped[Json]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    requested_at: Mapped[datetime]
    expert_id: Mapped[UUID | None] = mapped_column(ForeignKey("reviewers.id"), index=True)
    """Who was asked for an opinion."""
    decided_at: Mapped[datetime | None]
    contract_number: Mapped[int | None]
    """The version of the contract that it made, where the contract has versions."""

    project: Mapped[Project] = relationship()
    requester: Mapped[Person] = relationship()
    expert: Mapped[Reviewer | None] = relationship()
    answers: Mapped[list["ChangeAnswer"]] = relationship(order_by="ChangeAnswer.given_at")
    papers: Mapped[list["ChangePaper"]] = relationship(order_by="ChangePaper.position")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"change:{self.id}"

    @property
    def given(self) -> frozenset[Voice]:
        """Who has answered."""
        return frozenset(one.voice for one in self.answers)


class ChangeAnswer(Base):
    """What an office or an expert said of a change."""

    __tablename__ = "change_answers"
    __table_args__ = (UniqueConstraint("change_id", "voice"),)

    id: Mapped[Key]
    change_id: Mapped[UUID] = mapped_column(ForeignKey("changes.id"))
    voice: Mapped[Voice] = mapped_column(worded(Voice, "change_voice"))
    agrees: Mapped[bool] = mapped_column(Boolean)
    words: Mapped[Prose] = mapped_column(default="")
    given_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    given_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class ChangePaper(Base):
    """A file that bears on a request."""

    __tablename__ = "change_papers"

    id: Mapped[Key]
    change_id: Mapped[UUID] = mapped_column(ForeignKey("changes.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"), index=True)
    position: Mapped[int]

    file: Mapped[StoredFile] = relationship()
