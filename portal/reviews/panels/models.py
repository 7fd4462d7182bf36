"""Tables of panels: the meeting, each team's turn, who is present, what was asked, who has voted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bids.models import Bid
from portal.challenges.settings import PanelMethod
from portal.core.db import Base, Json, Key, Name, Prose, worded
from portal.reviews.panels.rules import Answer, PanelState, Timetable, TurnState
from portal.reviews.rounds.models import Round, Seat

ONLY_ONE_ON = "state IN ('talking', 'answering', 'judging')"


class Panel(Base):
    """The meeting of a round of kind meeting: where, when, by which rule, and how it ended."""

    __tablename__ = "panels"
    __table_args__ = (
        UniqueConstraint("round_id"),
        CheckConstraint("talk > 0 AND questions >= 0 AND judging >= 0", name="minutes_of_a_turn"),
        CheckConstraint("pause >= 0", name="break_not_negative"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight_in_range"),
        CheckConstraint("place <> '' OR link <> ''", name="has_a_place"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_whole"),
    )

    id: Mapped[Key]
    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"))
    state: Mapped[PanelState] = mapped_column(
        worded(PanelState, "panel_state"), default=PanelState.PLANNED
    )
    method: Mapped[PanelMethod] = mapped_column(worded(PanelMethod, "panel_method"))
    weight: Mapped[int]
    """Of the panel's score in percent; the rest is the online review's."""
    place: Mapped[Name] = mapped_column(default="")
    link: Mapped[str] = mapped_column(String(400), default="")
    """Where it is held by video."""
    begins_at: Mapped[datetime]
    talk: Mapped[int]
    questions: Mapped[int]
    judging: Mapped[int]
    pause: Mapped[int]
    lot: Mapped[Json]
    """`seed`, `label`, `bids` and `order`: all that is needed to draw the teams' order again."""
    chosen: Mapped[Json]
    """By which rule and from which ranking the teams were chosen."""
    invited_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[Prose] = mapped_column(default="")
    """Why it was called off."""
    minutes_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The fingerprint of the minutes as they were closed."""
    minutes: Mapped[Json | None]
    """What the fingerprint is of."""
    counted_from: Mapped[UUID | None] = mapped_column(ForeignKey("rankings.id"))
    """The online ranking that its result rests on."""

    round: Mapped[Round] = relationship()
    turns: Mapped[list["Turn"]] = relationship(
        order_by="Turn.position", back_populates="panel", cascade="all, delete-orphan"
    )
    attendances: Mapped[list["Attendance"]] = relationship(
        order_by="Attendance.at", cascade="all, delete-orphan"
    )

    @property
    def timetable(self) -> Timetable:
        """As the rules know it."""
        return Timetable(self.begins_at, self.talk, self.questions, self.judging, self.pause)

    @property
    def present(self) -> set[UUID]:
        """The seats whose members are signed in."""
        return {one.seat_id for one in self.attendances}

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"panel:{self.id}"


class Turn(Base):
    """One team's turn: when, what the team answered, and how it went."""

    __tablename__ = "panel_turns"
    __table_args__ = (
        UniqueConstraint("panel_id", "bid_id"),
        UniqueConstraint("panel_id", "position", deferrable=True, initially="DEFERRED"),
        # One team is on at a time.
        Index("uq_panel_turns_on", "panel_id", unique=True, postgresql_where=text(ONLY_ONE_ON)),
        CheckConstraint("yes + no + abstained <= entitled", name="no_more_votes_than_members"),
        CheckConstraint("least(yes, no, abstained, entitled) >= 0", name="votes_not_negative"),
    )

    id: Mapped[Key]
    panel_id: Mapped[UUID] = mapped_column(ForeignKey("panels.id", ondelete="CASCADE"))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"), index=True)
    position: Mapped[int]
    begins_at: Mapped[datetime]
    state: Mapped[TurnState] = mapped_column(
        worded(TurnState, "turn_state"), default=TurnState.WAITING
    )
    answer: Mapped[Answer] = mapped_column(worded(Answer, "panel_answer"), default=Answer.OPEN)
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]
    words: Mapped[Prose] = mapped_column(default="")
    """What the team adds to its answer: who comes, or why nobody does."""
    moved: Mapped[Prose] = mapped_column(default="")
    """Why its time is not that of the lot."""
    called_at: Mapped[datetime | None]
    step_at: Mapped[datetime | None]
    """When the step began in which it is."""
    over_at: Mapped[datetime | None]
    entitled: Mapped[int] = mapped_column(default=0)
    """How many were present and not recused when it was called."""
    yes: Mapped[int] = mapped_column(default=0)
    no: Mapped[int] = mapped_column(default=0)
    abstained: Mapped[int] = mapped_column(default=0)
    """Sums of a secret ballot; nobody's vote is kept anywhere."""

    panel: Mapped[Panel] = relationship(back_populates="turns")
    bid: Mapped[Bid] = relationship()
    remarks: Mapped[list["Remark"]] = relationship(order_by="Remark.number")
    recusals: Mapped[list["Recusal"]] = relationship(order_by="Recusal.at")
    ballots: Mapped[list["Ballot"]] = relationship()


class Attendance(Base):
    """That a member is present."""

    __tablename__ = "panel_attendances"

    panel_id: Mapped[UUID] = mapped_column(
        ForeignKey("panels.id", ondelete="CASCADE"), primary_key=True
    )
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"), primary_key=True, index=True)
    at: Mapped[datetime]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))

    seat: Mapped[Seat] = relationship()


class Recusal(Base):
    """That a member leaves the room for one team, and why."""

    __tablename__ = "panel_recusals"

    turn_id: Mapped[UUID] = mapped_column(
        ForeignKey("panel_turns.id", ondelete="CASCADE"), primary_key=True
    )
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"), primary_key=True, index=True)
    reason: Mapped[Prose]
    at: Mapped[datetime]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))

    seat: Mapped[Seat] = relationship()


class Remark(Base):
    """A question of the panel and what the team answered; who asked is not kept."""

    __tablename__ = "panel_remarks"
    __table_args__ = (UniqueConstraint("turn_id", "number"),)

    id: Mapped[Key]
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("panel_turns.id", ondelete="CASCADE"))
    number: Mapped[int]
    question: Mapped[Prose]
    answer: Mapped[Prose] = mapped_column(default="")
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    noted_at: Mapped[datetime]


class Ballot(Base):
    """That a member has voted on a team; how is in the turn's sums alone."""

    __tablename__ = "panel_ballots"

    turn_id: Mapped[UUID] = mapped_column(
        ForeignKey("panel_turns.id", ondelete="CASCADE"), primary_key=True
    )
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seats.id"), primary_key=True, index=True)
