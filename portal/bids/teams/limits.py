"""Limits (限项): who may lead, how many bids of a call an organisation may lead or join, who may not.

Each reason is told in two wordings: to the organisation itself with its own figures, and to others
as the rule alone, so that nobody learns from a refusal which sealed bids there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.accounts.rules import OrganisationKind
from portal.core.words import N_, Message


@dataclass(frozen=True)
class Limits:
    """What the call allows."""

    lead_kinds: tuple[OrganisationKind, ...] = (OrganisationKind.ENTERPRISE,)
    leads_max: int = 1
    joins_max: int = 2
    one_team: bool = True
    foreign_share_allowed: bool = True


@dataclass(frozen=True)
class Standing:
    """One organisation, with what counts of its other bids; codes are those of other challenges."""

    organisation_id: UUID
    name: str
    kind: OrganisationKind
    is_issuers: bool = False
    """Whether it is the issuing body, or controlled by the same."""
    has_foreign_share: bool = False
    leads: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    elsewhere: bool = False
    """Whether it is on another team of this challenge."""
    unfinished: tuple[str, ...] = ()


@dataclass(frozen=True)
class Obstacle:
    """Why an organisation may not be on the team: for its own people, and for all others."""

    rule: str
    own: Message
    others: Message


def obstacles(limits: Limits, standing: Standing, leads: bool) -> list[Obstacle]:
    """Everything that keeps an organisation from leading the team, or from joining it."""
    found = [*nature(limits, standing, leads), *_counts(limits, standing, leads)]
    if limits.one_team and standing.elsewhere:
        own = N_("Your organisation is on another team of this challenge.")
        rule = N_("%(name)s is on another team of this challenge.")
        found.append(_obstacle("one_team", standing, own, rule))
    return found


def nature(limits: Limits, standing: Standing, leads: bool) -> list[Obstacle]:
    """Whatever about the organisation itself keeps it from the team, however many bids it has."""
    found = []
    if leads and standing.kind not in limits.lead_kinds:
        text = N_("The rules of this call do not let an organisation of this kind lead: %(name)s.")
        found.append(_obstacle("lead_kinds", standing, text, text))
    if standing.is_issuers:
        text = N_("%(name)s is the issuing body or affiliated with it: it may not bid.")
        found.append(_obstacle("issuer", standing, text, text))
    if standing.has_foreign_share and not limits.foreign_share_allowed:
        text = N_("This challenge is closed to organisations with a foreign share: %(name)s.")
        found.append(_obstacle("foreign_share", standing, text, text))
    return found


def _counts(limits: Limits, standing: Standing, leads: bool) -> list[Obstacle]:
    """How often an organisation stands in the call already."""
    if leads and len(standing.leads) >= limits.leads_max:
        own = N_(
            "In this call an organisation may lead %(max)s bids that are handed in; "
            "yours leads those on %(codes)s."
        )
        rule = N_("%(name)s has reached the number of bids of this call that it may lead.")
        facts = {"max": limits.leads_max, "codes": ", ".join(standing.leads)}
        return [_obstacle("leads_max", standing, own, rule, **facts)]
    if not leads and len(standing.joins) >= limits.joins_max:
        own = N_(
            "In this call an organisation may join %(max)s teams as partner; "
            "yours has joined those on %(codes)s."
        )
        rule = N_("%(name)s has reached the number of teams of this call that it may join.")
        facts = {"max": limits.joins_max, "codes": ", ".join(standing.joins)}
        return [_obstacle("joins_max", standing, own, rule, **facts)]
    return []


def _obstacle(rule: str, standing: Standing, own: str, others: str, **facts: object) -> Obstacle:
    name = {"name": standing.name}
    return Obstacle(rule, Message(own, {**facts, **name}), Message(others, dict(name)))


def warnings(standing: Standing) -> list[Message]:
    """What does not stop anybody but should be known: earlier grants that are not finished."""
    if not standing.unfinished:
        return []
    text = N_("%(name)s has earlier projects that are not accepted yet: %(codes)s.")
    return [Message(text, {"name": standing.name, "codes": ", ".join(standing.unfinished)})]


def root_of(organisation_id: UUID, owners: Mapping[UUID, UUID | None]) -> UUID:
    """Who controls an organisation in the end; a circle counts as controlled by its least member."""
    seen: list[UUID] = []
    here = organisation_id
    while here not in seen:
        seen.append(here)
        owner = owners.get(here)
        if owner is None:
            return here
        here = owner
    return min(seen[seen.index(here) :])


def are_affiliated(one: UUID, other: UUID, owners: Mapping[UUID, UUID | None]) -> bool:
    """Whether the same body controls both, or one the other, or they are the same."""
    return root_of(one, owners) == root_of(other, owners)
