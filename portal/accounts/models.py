"""Tables of organisations, people, their roles and their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.rules import Level, OrganisationKind
from portal.core.access import Role
from portal.core.db import Base, Key, Name, worded


class Organisation(Base):
    """A body that issues, bids, hosts or lends experts."""

    __tablename__ = "organisations"
    __table_args__ = (
        # A code is stored in its normal form only; the check characters are the rules' work.
        CheckConstraint("uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="uscc_form"),
        CheckConstraint("level IS NULL OR kind = 'government'", name="level_of_government"),
        CheckConstraint("controlled_by_id <> id", name="not_its_own_owner"),
        # Words of both names, for the public search; Chinese is found by every two neighbours.
        Index(
            "ix_organisations_words",
            text("finding_words((name::text || ' '::text) || name_en::text)"),
            postgresql_using="gin",
        ),
    )

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    name_en: Mapped[Name] = mapped_column(default="")
    kind: Mapped[OrganisationKind] = mapped_column(worded(OrganisationKind, "organisation_kind"))
    level: Mapped[Level | None] = mapped_column(worded(Level, "organisation_level"))
    district: Mapped[str | None] = mapped_column(String(40))
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    uscc_overridden: Mapped[bool] = mapped_column(Boolean, default=False)
    foreign_share: Mapped[bool] = mapped_column(Boolean, default=False)
    controlled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    memberships: Mapped[list["PersonRole"]] = relationship(back_populates="organisation")
    controlled_by: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")


class Person(Base):
    """Someone with an account."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    wants_mail: Mapped[bool] = mapped_column(Boolean, default=True, server_default="true")
    mail_locale: Mapped[str | None] = mapped_column(String(20))
    """The language of mails; None for the account's, or the portal's first."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    memberships: Mapped[list["PersonRole"]] = relationship(
        back_populates="person", order_by="PersonRole.given_at"
    )


class PersonRole(Base):
    """A role of a person in an organisation."""

    __tablename__ = "person_roles"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id", "role"),)

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[Role] = mapped_column(worded(Role, "role"))
    given_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))

    person: Mapped[Person] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")


class SignInSession(Base):
    """A server-side session: the cookie holds a token, the row only its SHA-256."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[Key]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]
    """When the second factor was shown in it."""
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship()
