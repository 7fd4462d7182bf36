"""Who charges, who answers, who decides, and who sees a record of breach of trust."""

from uuid import UUID

from portal.core.access import BIDDERS, OFFICERS, Actor, Decision, Role, allow_if
from portal.core.words import N_
from portal.integrity.models import IntegrityRecord


def may_look_up(actor: Actor) -> Decision:
    """Officers and auditors look up an organisation's records."""
    allowed = actor.has(*OFFICERS, Role.AUDITOR)
    return allow_if(allowed, N_("Only officers and auditors look this up."))


def may_propose(actor: Actor) -> Decision:
    """Officers charge."""
    return allow_if(actor.is_officer, N_("Only officers may do this."))


def may_see(actor: Actor, record: IntegrityRecord) -> Decision:
    """Officers, auditors, and the organisation itself."""
    own = record.organisation_id in actor.organisations_as(*BIDDERS)
    return allow_if(own or bool(may_look_up(actor)), N_("This record is not open to you."))


def may_answer(actor: Actor, record: IntegrityRecord) -> Decision:
    """Those who speak for the organisation."""
    own = record.organisation_id in actor.organisations_as(*BIDDERS)
    return allow_if(own, N_("Only the organisation itself answers."))


def may_decide(actor: Actor, record: IntegrityRecord) -> Decision:
    """Another officer of the same office, or a city officer: never who proposed it."""
    office = record.office_id in actor.organisations_as(*OFFICERS)
    allowed = (office or actor.has(Role.CITY_OFFICER)) and actor.user_id != record.proposed_by
    return allow_if(allowed, N_("Another officer decides on what one has proposed."))


def office_of(actor: Actor) -> UUID | None:
    """The body for which an officer acts."""
    return min(actor.organisations_as(*OFFICERS), default=None)
