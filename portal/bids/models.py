"""Tables of bids, their versions and partners."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Organisation, Person
from portal.bids.rules import OPENED_STATES, BidState, PartnerState
from portal.bids.sections.models import BidAvoid, BidBudgetLine, BidMember, BidSection
from portal.bids.sections.rules import PARTS, part_of, together
from portal.bids.teams.rules import Offer
from portal.bids.terms import BidTerms
from portal.challenges.models import Challenge
from portal.core.db import Base, Json, Key, worded
from portal.core.files import StoredFile
from portal.core.locking import LockedJson
from portal.core.sealing.envelope import Fingerprint
from portal.core.sealing.manifest import SealedPart

if TYPE_CHECKING:
    from portal.bids.checks.models import Correction, FormalCheck, Reply
    from portal.bids.teams.models import TeamPerson


class StillSealed(Exception):
    """Somebody asked a sealed version what it says: a mistake of the portal's, not of a person."""


class Bid(Base):
    """A team's answer to a challenge (揭榜方案); `sections` are what the team is still writing."""

    __tablename__ = "bids"
    __table_args__ = (
        # One bid of a lead for a challenge; versions tell its history.
        UniqueConstraint("challenge_id", "lead_id"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[UUID] = mapped_column(ForeignKey("challenges.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    state: Mapped[BidState] = mapped_column(worded(BidState, "bid_state"), default=BidState.DRAFT)
    draft_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    started_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("portal_now()"))

    challenge: Mapped[Challenge] = relationship()
    lead: Mapped[Organisation] = relationship()
    draft_file: Mapped[StoredFile | None] = relationship()
    partners: Mapped[list["BidPartner"]] = relationship(
        order_by="BidPartner.invited_at", back_populates="bid"
    )
    versions: Mapped[list["BidVersion"]] = relationship(
        order_by="BidVersion.number", back_populates="bid"
    )
    check: Mapped["FormalCheck | None"] = relationship(back_populates="bid")
    correction: Mapped["Correction | None"] = relationship(back_populates="bid")
    reply: Mapped["Reply | None"] = relationship(back_populates="bid")
    sections: Mapped[list[BidSection]] = relationship()
    people: Mapped[list["TeamPerson"]] = relationship(
        order_by="TeamPerson.named_at", back_populates="bid"
    )

    @property
    def terms(self) -> BidTerms:
        """The draft as the rules know it."""
        return together(row.content for row in self.sections)

    @terms.setter
    def terms(self, terms: BidTerms) -> None:
        """Write every section anew."""
        whole = terms.to_json()
        known = {row.section: row for row in self.sections}
        for section in PARTS:
            content = part_of(whole, section)
            if section in known:
                known[section].content = content
            else:
                self.sections.append(BidSection(section=section, content=content))

    @property
    def is_strict(self) -> bool:
        """Whether the portal keeps nothing of it that it can read, once it is handed in, and of money
        and key people nothing at all; until the opening."""
        return self.challenge.rules.strict_sealing and self.state not in OPENED_STATES

    @property
    def subject_ref(self) -> str:
        """How the log names it."""
        return f"bid:{self.id}"


class BidVersion(Base):
    """What was handed in, at the database's time.

    Sealed until the opening: then `manifest` and all after it is empty. `commit` and `ct_sha256` are
    what the receipt and the log say. A correction is handed in after the opening, and not sealed.
    """

    __tablename__ = "bid_versions"
    __table_args__ = (
        UniqueConstraint("bid_id", "number"),
        # A submission that is sent again is the same version.
        UniqueConstraint("bid_id", "request_key"),
        CheckConstraint(
            "(manifest IS NULL) = (file_id IS NULL) AND (manifest IS NULL) = (nonce IS NULL)",
            name="opened_whole",
        ),
        CheckConstraint("manifest IS NOT NULL OR ct_sha256 IS NOT NULL", name="sealed_or_opened"),
        CheckConstraint(
            "(ct_sha256 IS NULL) = (ct_size IS NULL) AND (ct_sha256 IS NULL) = (suite IS NULL)",
            name="sealed_whole",
        ),
    )

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    number: Mapped[int]
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    submitted_at: Mapped[datetime]
    request_key: Mapped[str | None] = mapped_column(String(64))
    commit: Mapped[str] = mapped_column(String(64))
    """Of the manifest: SHA-256 with a nonce, hexadecimal; says which content it is, and tells nothing."""
    ct_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the sealed bytes, under which they lie in the store."""
    ct_size: Mapped[int | None]
    suite: Mapped[int | None] = mapped_column(SmallInteger)
    parts: Mapped[list[Json]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'::jsonb")
    )
    """Files that were sealed before: id of the row, hash and size of the sealed bytes, in order."""
    locked_nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The last version's, so that the team learns whether its draft still says the same."""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("audit_log.id"))
    """The log's entry of the submission, which the receipt proves."""
    answers: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last amendment of the challenge that was in force when this was handed in."""
    fault: Mapped[Json | None]
    """Why it did not open: a message id with its parameters."""
    nonce: Mapped[bytes | None] = mapped_column(LargeBinary)
    manifest: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    """The fields of what was sealed."""
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))

    kept_nonce = LockedJson("locked_nonce")
    bid: Mapped[Bid] = relationship(back_populates="versions")
    file: Mapped[StoredFile | None] = relationship()
    lines: Mapped[list[BidBudgetLine]] = relationship()
    members: Mapped[list[BidMember]] = relationship()
    avoids: Mapped[list[BidAvoid]] = relationship()

    @property
    def sealed_parts(self) -> dict[UUID, SealedPart]:
        """The files that were sealed before, by the ids of their rows."""
        return {
            UUID(one["id"]): SealedPart(one["id"], Fingerprint(one["sha256"], one["size"]))
            for one in self.parts
        }

    @property
    def is_open(self) -> bool:
        """Whether what it says can be read."""
        return self.manifest is not None

    @property
    def fields(self) -> Json:
        """What an opened version says. Raises StillSealed."""
        if self.manifest is None:
            raise StillSealed
        return self.manifest

    @property
    def document(self) -> StoredFile:
        """The bid document of an opened version. Raises StillSealed."""
        if self.file is None:
            raise StillSealed
        return self.file

    @property
    def terms(self) -> BidTerms:
        """The terms of an opened version as the rules know them. Raises StillSealed."""
        return BidTerms.from_json(self.fields["terms"])


class BidPartner(Base):
    """An organisation on the team beside the lead."""

    __tablename__ = "bid_partners"
    __table_args__ = (UniqueConstraint("bid_id", "organisation_id"),)

    id: Mapped[Key]
    bid_id: Mapped[UUID] = mapped_column(ForeignKey("bids.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[PartnerState] = mapped_column(
        worded(PartnerState, "partner_state"), default=PartnerState.INVITED
    )
    invited_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]

    bid: Mapped[Bid] = relationship(back_populates="partners")
    organisation: Mapped[Organisation] = relationship()
    consents: Mapped[list["PartnerConsent"]] = relationship(
        order_by="PartnerConsent.agreed_at", cascade="all, delete-orphan"
    )

    _offer = LockedJson("locked")

    @property
    def offer(self) -> Offer:
        """What it is asked to do and bring, as the rules know it."""
        return Offer.from_json(self._offer)

    @offer.setter
    def offer(self, offer: Offer) -> None:
        self._offer = offer.to_json()

    @property
    def consent(self) -> "PartnerConsent | None":
        """The consent that stands."""
        return next((one for one in self.consents if one.lapsed_at is None), None)


class PartnerConsent(Base):
    """The text that a partner agreed to, who, and when; it lapses when the lead changes the text."""

    __tablename__ = "partner_consents"
    __table_args__ = (
        # One consent stands at a time.
        Index(
            "uq_partner_consents_standing",
            "partner_id",
            unique=True,
            postgresql_where=text("lapsed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("bid_partners.id", ondelete="CASCADE"))
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    text_sha256: Mapped[str] = mapped_column(String(64))
    agreed_by: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    agreed_at: Mapped[datetime]
    lapsed_at: Mapped[datetime | None]

    text = LockedJson("locked")
    person: Mapped[Person] = relationship()
