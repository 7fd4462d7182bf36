"""Tables of needs and of experts' opinions about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.challenges.models import Challenge
from portal.challenges.needs import rules
from portal.challenges.needs.rules import Aspect, NeedState, OpinionState, PainPoint, Priority
from portal.clusters.models import Cluster
from portal.core.db import Base, Key, Name, Prose, Yuan, worded
from portal.core.files import StoredFile


class Need(Base):
    """What an organisation says it lacks (需求)."""

    __tablename__ = "needs"
    __table_args__ = (
        CheckConstraint("(state = 'draft') = (handed_in_at IS NULL)", name="handed_in_has_date"),
        CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_has_target"
        ),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        CheckConstraint(
            "state <> 'drafted' OR challenge_id IS NOT NULL", name="drafted_has_challenge"
        ),
        # Whoever raised a need is told why nothing more comes of it.
        CheckConstraint(
            "state NOT IN ('merged', 'answered', 'declined') OR answer <> ''",
            name="closed_with_words",
        ),
        CheckConstraint("money >= 0", name="money_not_negative"),
        Index("ix_needs_own", "owner_id", "created_at", "id"),
        # The officers' board: what was handed in, newest first.
        Index(
            "ix_needs_board",
            "handed_in_at",
            "id",
            postgresql_where=text("handed_in_at IS NOT NULL"),
        ),
        Index("ix_needs_cluster", "cluster_id", "handed_in_at", "id"),
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(Identity(), unique=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    raised_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    state: Mapped[NeedState] = mapped_column(
        worded(NeedState, "need_state"), default=NeedState.DRAFT
    )
    title: Mapped[Name]
    problem: Mapped[Prose]
    site: Mapped[Name]
    existing: Mapped[Prose]
    worth: Mapped[Prose]
    money: Mapped[Yuan]
    pain_points: Mapped[list[str]] = mapped_column(JSONB)
    cluster_id: Mapped[UUID | None] = mapped_column(ForeignKey("clusters.id"))
    priority: Mapped[Priority] = mapped_column(
        worded(Priority, "priority"), default=Priority.NORMAL
    )
    attachment_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    answer: Mapped[Prose] = mapped_column(default="")
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("needs.id"), index=True)
    challenge_id: Mapped[UUID | None] = mapped_column(ForeignKey("challenges.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    handed_in_at: Mapped[datetime | None]
    reached: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    """When each state was reached last, as ISO 8601."""

    owner: Mapped[Organisation] = relationship()
    cluster: Mapped[Cluster | None] = relationship()
    attachment: Mapped[StoredFile | None] = relationship()
    challenge: Mapped[Challenge | None] = relationship()
    merged_into: Mapped["Need | None"] = relationship(remote_side="Need.id")
    opinions: Mapped[list["Opinion"]] = relationship(
        order_by="Opinion.asked_at, Opinion.id", back_populates="need"
    )

    @property
    def code(self) -> str:
        """How people call it."""
        return rules.code(self.created_at.year, self.number)

    @property
    def points(self) -> list[PainPoint]:
        """The pain points that it names."""
        return [PainPoint(value) for value in self.pain_points]

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"need:{self.id}"


class Opinion(Base):
    """What one expert says about a need, if they do."""

    __tablename__ = "need_opinions"
    __table_args__ = (
        UniqueConstraint("need_id", "expert_id"),
        CheckConstraint(
            "state <> 'given' OR (drive BETWEEN 1 AND 5 AND base BETWEEN 1 AND 5"
            " AND testable BETWEEN 1 AND 5 AND finance BETWEEN 1 AND 5)",
            name="given_has_ratings",
        ),
        CheckConstraint("(state = 'asked') = (spoken_at IS NULL)", name="spoken_has_date"),
        Index("ix_need_opinions_expert", "expert_id", "asked_at", "id"),
    )

    id: Mapped[Key]
    need_id: Mapped[UUID] = mapped_column(ForeignKey("needs.id"))
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    state: Mapped[OpinionState] = mapped_column(
        worded(OpinionState, "opinion_state"), default=OpinionState.ASKED
    )
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    spoken_at: Mapped[datetime | None]
    drive: Mapped[int | None] = mapped_column(SmallInteger)
    base: Mapped[int | None] = mapped_column(SmallInteger)
    testable: Mapped[int | None] = mapped_column(SmallInteger)
    finance: Mapped[int | None] = mapped_column(SmallInteger)
    words: Mapped[Prose] = mapped_column(default="")

    need: Mapped[Need] = relationship(back_populates="opinions")
    expert: Mapped[Person] = relationship(foreign_keys=[expert_id])

    @property
    def ratings(self) -> dict[Aspect, int | None]:
        """The ratings by what they are about."""
        return {aspect: getattr(self, aspect.value) for aspect in Aspect}
