"""The table of questions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.challenges.models import Challenge
from portal.challenges.questions.rules import QuestionState
from portal.core.db import Base, Key, Prose, worded


class Question(Base):
    """A question about a challenge and its answer.

    Who asked is kept, so that they can be told, and shown to nobody: there is no relationship that
    a page could follow to a name.
    """

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("challenge_id", "number"),
        CheckConstraint("(state = 'answered') = (number IS NOT NULL)", name="answered_has_number"),
        CheckConstraint(
            "state <> 'answered' OR (answer <> '' AND wording <> '' AND answered_at IS NOT NULL)",
            name="answered_has_answer",
        ),
        CheckConstraint("(state = 'same') = (same_as_id IS NOT NULL)", name="same_has_other"),
        CheckConstraint("same_as_id <> id", name="same_as_another"),
        # What officers have still to answer.
        Index(
            "ix_questions_waiting",
            "challenge_id",
            "asked_at",
            "id",
            postgresql_where=text("state = 'asked'"),
        ),
        Index("ix_questions_own", "asked_by", "challenge_id"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    text: Mapped[Prose]
    state: Mapped[QuestionState] = mapped_column(
        worded(QuestionState, "question_state"), default=QuestionState.ASKED
    )
    number: Mapped[int | None]
    wording: Mapped[Prose] = mapped_column(default="")
    """The question as it is published: without what would tell who asked."""
    answer: Mapped[Prose] = mapped_column(default="")
    amends: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the answer changes what is asked for, so that an amendment follows."""
    amendment_id: Mapped[UUID | None] = mapped_column(ForeignKey("amendments.id"), index=True)
    same_as_id: Mapped[UUID | None] = mapped_column(ForeignKey("questions.id"), index=True)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    same_as: Mapped["Question | None"] = relationship(remote_side="Question.id")

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"question:{self.id}"
