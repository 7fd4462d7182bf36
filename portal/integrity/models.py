"""The table of records of breach of trust."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.core.db import Base, Key, Prose, worded
from portal.core.files import StoredFile
from portal.integrity.rules import Grounds, RecordState


class IntegrityRecord(Base):
    """A charge against an organisation, its answer, and what was decided; never removed.

    `about` says in words what it came from, `link` is the page of that, or empty.
    """

    __tablename__ = "integrity_records"
    __table_args__ = (
        # Two people stand behind every record.
        CheckConstraint("decided_by <> proposed_by", name="decided_by_another"),
        CheckConstraint(
            "state NOT IN ('standing', 'lifted') OR (starts_at IS NOT NULL AND ends_at > starts_at)",
            name="standing_has_its_period",
        ),
        CheckConstraint(
            "state IN ('hearing', 'answered') OR decided_at IS NOT NULL",
            name="decided_has_its_date",
        ),
        # Formal checks ask only for what stands.
        Index(
            "ix_integrity_records_standing",
            "organisation_id",
            postgresql_where=text("state = 'standing'"),
        ),
        Index("ix_integrity_records_newest", "organisation_id", "proposed_at"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    grounds: Mapped[Grounds] = mapped_column(worded(Grounds, "integrity_grounds"))
    reason: Mapped[Prose]
    about: Mapped[str] = mapped_column(String(300))
    link: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[RecordState] = mapped_column(
        worded(RecordState, "integrity_state"), default=RecordState.HEARING
    )
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    """The body whose officers proposed it and decide on it."""
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[Prose] = mapped_column(default="")
    answer_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    decision: Mapped[Prose] = mapped_column(default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=organisation_id)
    office: Mapped[Organisation] = relationship(foreign_keys=office_id)
    proposer: Mapped[Person] = relationship(foreign_keys=proposed_by)
    decider: Mapped[Person | None] = relationship(foreign_keys=decided_by)
    file: Mapped[StoredFile | None] = relationship(foreign_keys=file_id)
    answer_file: Mapped[StoredFile | None] = relationship(foreign_keys=answer_file_id)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"integrity_record:{self.id}"
