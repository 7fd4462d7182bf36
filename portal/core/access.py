"""Who is asking, and how a policy answers."""

from dataclasses import dataclass, field
from uuid import UUID

from portal.core.errors import NotAllowed
from portal.core.words import N_, Worded


class Role(Worded):
    """What a person does in an organisation (DESIGN: officer, bidder, reviewer, public and auditor)."""

    CITY_OFFICER = "city_officer", N_("City officer")
    DISTRICT_OFFICER = "district_officer", N_("District officer")
    BIDDER_LEAD = "bidder_lead", N_("Bidder (lead)")
    PARTNER = "partner", N_("Partner")
    REVIEWER = "reviewer", N_("Reviewer")
    AUDITOR = "auditor", N_("Auditor")
    ADMINISTRATOR = "administrator", N_("Administrator")
    CUSTODIAN = "custodian", N_("Custodian")


OFFICERS = frozenset({Role.CITY_OFFICER, Role.DISTRICT_OFFICER})
BIDDERS = frozenset({Role.BIDDER_LEAD, Role.PARTNER})


@dataclass(frozen=True)
class Membership:
    """A role in an organisation; `district` is set for district officers' organisations."""

    organisation_id: UUID
    organisation_name: str
    role: Role
    district: str | None = None


@dataclass(frozen=True)
class Actor:
    """The signed-in person as policies see them."""

    user_id: UUID
    name: str
    email: str
    locale: str | None = None
    memberships: tuple[Membership, ...] = field(default=())

    def has(self, *roles: Role) -> bool:
        """Whether the person has any of these roles."""
        return any(membership.role in roles for membership in self.memberships)

    @property
    def is_officer(self) -> bool:
        """Whether the person is an officer of city or district."""
        return self.has(*OFFICERS)

    def organisations_as(self, *roles: Role) -> frozenset[UUID]:
        """The organisations in which the person has any of these roles."""
        return frozenset(m.organisation_id for m in self.memberships if m.role in roles)

    @property
    def districts(self) -> frozenset[str]:
        """The districts for which the person is an officer."""
        return frozenset(
            m.district for m in self.memberships if m.role is Role.DISTRICT_OFFICER and m.district
        )

    @property
    def organisation_name(self) -> str:
        """The name of the first organisation, for the page header."""
        return self.memberships[0].organisation_name if self.memberships else ""


SYSTEM = Actor(UUID(int=0), "system", "")


@dataclass(frozen=True)
class Decision:
    """A policy's answer; true when allowed, with the reason when not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def enforce(self) -> None:
        """Raise NotAllowed with the reason unless allowed."""
        if not self.allowed:
            raise NotAllowed(self.reason)


ALLOW = Decision(True)


def deny(reason: str) -> Decision:
    """Say no, with the words for the person."""
    return Decision(False, reason)


def allow_if(condition: bool, reason: str) -> Decision:
    """Allow when the condition holds, otherwise deny with the reason."""
    return ALLOW if condition else deny(reason)
