"""Tables of contracts: their versions, which never change, and who confirmed which of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.accounts.rules import Level
from portal.core.db import Base, Json, Key, Prose, worded
from portal.core.files import StoredFile
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import Part, Terms
from portal.projects.models import Project


class Contract(Base):
    """The contract (任务书) of one project; `number` is the version that counts."""

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_has_its_date"),
        CheckConstraint("file_id IS NULL OR state = 'signed'", name="filed_when_signed"),
        # Beat looks only at what is still to be signed.
        Index(
            "ix_contracts_unsigned",
            "sign_by",
            postgresql_where=text("state IN ('negotiating', 'frozen')"),
        ),
    )

    id: Mapped[Key]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), unique=True)
    state: Mapped[ContractState] = mapped_column(
        worded(ContractState, "contract_state"), default=ContractState.NEGOTIATING
    )
    number: Mapped[int] = mapped_column(default=1)
    sign_by: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"), index=True)
    """The paper, set when it was signed."""

    project: Mapped[Project] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    parties: Mapped[list["ContractParty"]] = relationship(
        order_by="ContractParty.position", back_populates="contract"
    )
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.extended_at")
    refusals: Mapped[list["Refusal"]] = relationship(order_by="Refusal.refused_at")
    versions: Mapped[list["ContractVersion"]] = relationship(
        order_by="ContractVersion.number", back_populates="contract"
    )

    @property
    def version(self) -> "ContractVersion":
        """The version that counts."""
        return self.versions[self.number - 1]

    @property
    def signed_number(self) -> int | None:
        """The version that every party confirmed; later ones came with changes of the project."""
        if self.signed_at is None:
            return None
        confirmed = {one.confirmation.version_id for one in self.parties if one.confirmation}
        return next((one.number for one in self.versions if one.id in confirmed), None)

    @property
    def is_amended(self) -> bool:
        """Whether the version that counts came with a change after the signing."""
        return self.signed_number not in (None, self.number)

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"contract:{self.id}"

    @property
    def missing(self) -> list["ContractParty"]:
        """The parties that have not confirmed the version that counts."""
        return [party for party in self.parties if party.confirmation is None]


class ContractParty(Base):
    """A body that has to confirm."""

    __tablename__ = "contract_parties"
    __table_args__ = (UniqueConstraint("contract_id", "organisation_id"),)

    id: Mapped[Key]
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"))
    position: Mapped[int]
    part: Mapped[Part] = mapped_column(worded(Part, "contract_part"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)

    contract: Mapped[Contract] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship()
    confirmations: Mapped[list["Confirmation"]] = relationship(
        order_by="Confirmation.confirmed_at", back_populates="party"
    )

    @property
    def confirmation(self) -> "Confirmation | None":
        """What it confirmed and has not been overtaken."""
        return next((one for one in self.confirmations if one.voided_at is None), None)


class ContractVersion(Base):
    """The contract's text at one time; the database lets nobody change one."""

    __tablename__ = "contract_versions"
    __table_args__ = (
        UniqueConstraint("contract_id", "number"),
        # So that a confirmation names the bytes of the version that it confirms.
        UniqueConstraint("id", "fingerprint"),
        Index("ix_contract_versions_fingerprint", "fingerprint"),
    )

    id: Mapped[Key]
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"))
    number: Mapped[int]
    document: Mapped[Json]
    fingerprint: Mapped[str] = mapped_column(String(64))
    reason: Mapped[Prose] = mapped_column(default="")
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    """None for the first, which the portal drew from the bid."""
    proposed_at: Mapped[datetime]

    contract: Mapped[Contract] = relationship(back_populates="versions")
    author: Mapped[Person | None] = relationship()
    consents: Mapped[list["Consent"]] = relationship(order_by="Consent.consented_at")

    @property
    def terms(self) -> Terms:
        """What it says."""
        return Terms.from_json(self.document)


class Consent(Base):
    """A level's consent to a version that binds to less than the bid promised."""

    __tablename__ = "contract_consents"
    __table_args__ = (UniqueConstraint("version_id", "level"),)

    id: Mapped[Key]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("contract_versions.id"))
    level: Mapped[Level] = mapped_column(worded(Level, "consent_level"))
    consented_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    consented_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Confirmation(Base):
    """A party's confirmation, by a person in their own account; void when the text changed after."""

    __tablename__ = "contract_confirmations"
    __table_args__ = (
        # A party confirms once, however many of its people do at the same time.
        Index(
            "uq_contract_confirmations_standing",
            "party_id",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
        ),
        ForeignKeyConstraint(
            ["version_id", "fingerprint"],
            ["contract_versions.id", "contract_versions.fingerprint"],
            name="fk_contract_confirmations_what_was_read",
        ),
    )

    id: Mapped[Key]
    party_id: Mapped[UUID] = mapped_column(ForeignKey("contract_parties.id"))
    version_id: Mapped[UUID] = mapped_column(index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    confirmed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]

    party: Mapped[ContractParty] = relationship(back_populates="confirmations")
    person: Mapped[Person] = relationship()


class Extension(Base):
    """A later date for the signing, with the reason."""

    __tablename__ = "contract_extensions"
    # Two officers who extend at once have both seen the same date: one of them wins.
    __table_args__ = (
        UniqueConstraint("contract_id", "before"),
        CheckConstraint("after > before", name="later"),
    )

    id: Mapped[Key]
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"))
    before: Mapped[datetime]
    after: Mapped[datetime]
    reason: Mapped[Prose]
    extended_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    extended_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Refusal(Base):
    """A party's refusal to sign, with the reason."""

    __tablename__ = "contract_refusals"

    id: Mapped[Key]
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"), index=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("contract_parties.id"))
    reason: Mapped[Prose]
    refused_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    refused_at: Mapped[datetime]

    party: Mapped[ContractParty] = relationship()
    person: Mapped[Person] = relationship()
