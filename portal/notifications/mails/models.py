"""The mails' table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, Json, Key, worded
from portal.core.words import Message, again
from portal.notifications.mails.rules import MailState


class Mail(Base):
    """One mail to one address; `subject` and `hint` with `parameters` are translated when sent.

    `at` is the portal's time, `due_at` and `locked_until` are real time, like a broker's.
    """

    __tablename__ = "mails"
    __table_args__ = (
        # The same news is sent to an address once, however often its task runs.
        UniqueConstraint("address", "key"),
        Index("ix_mails_newest", "at", "id"),
        # The sender looks only at what waits.
        Index("ix_mails_due", "due_at", "id", postgresql_where=text("state = 'waiting'")),
        # How many mails to strangers somebody has caused.
        Index("ix_mails_asked_by", "asked_by", "at", postgresql_where=text("person_id IS NULL")),
    )

    id: Mapped[Key]
    address: Mapped[str] = mapped_column(String(254))
    key: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    locale: Mapped[str | None] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(300))
    hint: Mapped[str] = mapped_column(String(300), server_default="")
    parameters: Mapped[Json]
    url: Mapped[str] = mapped_column(String(300))
    token_for: Mapped[UUID | None]
    token_purpose: Mapped[str] = mapped_column(String(40), server_default="")
    """With `token_for`: the link ends in a token, which is made when the mail is sent."""
    state: Mapped[MailState] = mapped_column(
        worded(MailState, "mail_state"), server_default=MailState.WAITING.value
    )
    at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    due_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    locked_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(500), server_default="")

    @property
    def sentences(self) -> list[Message]:
        """What it says, to be translated: the subject, and a hint if there is one."""
        return [again(words, self.parameters) for words in (self.subject, self.hint) if words]
