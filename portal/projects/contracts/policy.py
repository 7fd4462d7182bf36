"""Who reads a contract, who proposes changes, who freezes it, and who confirms for whom."""

from portal.accounts.rules import Level
from portal.bids.rules import BidState
from portal.core.access import OFFICERS, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_
from portal.projects import policy as project_policy
from portal.projects.contracts.models import Contract, ContractParty
from portal.projects.contracts.terms import Part

ROLES = {
    Part.ISSUER: tuple(OFFICERS),
    Part.LEAD: (Role.BIDDER_LEAD,),
    Part.PARTNER: (Role.PARTNER,),
    Part.OWNER: tuple(Role),
}
"""As what somebody acts for a party of each kind."""


def acts_for(actor: Actor, party: ContractParty) -> bool:
    """Whether the person speaks for this party."""
    return party.organisation_id in actor.organisations_as(*ROLES[party.part])


def may_see(actor: Actor, contract: Contract) -> Decision:
    """Its parties, those who see the project, and the officers of the cluster's district."""
    seen = (
        bool(project_policy.may_see(actor, contract.project))
        or any(acts_for(actor, party) for party in contract.parties)
        or bool(may_consent(actor, contract, Level.DISTRICT))
    )
    return allow_if(seen, N_("This contract is not open to you."))


def may_change(actor: Actor, contract: Contract) -> Decision:
    """The lead of the team and officers of the issuing body negotiate."""
    project = contract.project
    either = bool(project_policy.may_report(actor, project)) or bool(may_freeze(actor, contract))
    return allow_if(either, N_("Only the lead or an officer of the issuing body may do this."))


def may_freeze(actor: Actor, contract: Contract) -> Decision:
    """Officers of the issuing body say when the text is final."""
    return project_policy.may_manage(actor, contract.project)


def may_consent(actor: Actor, contract: Contract, level: Level) -> Decision:
    """For the city any city officer, for the district the officers of the cluster's district."""
    if level is Level.CITY:
        allowed = actor.has(Role.CITY_OFFICER)
    else:
        allowed = contract.project.challenge.call.cluster.district in actor.districts
    return allow_if(allowed, N_("Only officers of this level may consent."))


def may_extend(actor: Actor, contract: Contract) -> Decision:
    """Officers of the issuing body give a later date, or go to the next in order, while the award
    stands."""
    decision = may_freeze(actor, contract)
    if not decision:
        return decision
    stands = contract.project.bid.state is BidState.WON
    return allow_if(stands, N_("The award went to the next in order."))


def may_refuse(actor: Actor, party: ContractParty) -> Decision:
    """Each party but the issuing body, until it has confirmed."""
    decision = may_confirm(actor, party)
    if not decision:
        return decision
    if party.part is Part.ISSUER:
        return deny(N_("The issuing body proposes a change, or lets the date pass."))
    return allow_if(party.confirmation is None, N_("This party has confirmed already."))


def may_confirm(actor: Actor, party: ContractParty) -> Decision:
    """Each party confirms in an account of its own."""
    return allow_if(acts_for(actor, party), N_("Only this party itself may confirm."))
