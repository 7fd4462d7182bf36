"""Who prepares the assignment for a call, looks at it, and takes the file to run it again."""

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Call
from portal.core.access import ALLOW, Actor, Decision, Role, allow_if
from portal.core.words import N_
from portal.reviews.allotment.models import Allotment, Scenario
from portal.reviews.allotment.rules import ALLOTMENT_MOVES, AllotmentState, ScenarioState


def may_prepare(actor: Actor, call: Call) -> Decision:
    """Officers of the issuing body."""
    return challenge_policy.may_draft(actor, call)


def may_watch(actor: Actor, call: Call) -> Decision:
    """Those, the city's officers and auditors: the names of experts are on the pages."""
    if actor.has(Role.AUDITOR, Role.CITY_OFFICER):
        return ALLOW
    return may_prepare(actor, call)


def may_change(actor: Actor, allotment: Allotment) -> Decision:
    """Officers of the issuing body, until the invitations are sent."""
    decision = may_prepare(actor, allotment.call)
    if not decision:
        return decision
    preparing = allotment.state is AllotmentState.PREPARING
    return allow_if(
        preparing, N_("The invitations are sent: nothing is assigned by hand any more.")
    )


def may_release(actor: Actor, allotment: Allotment, scenario: Scenario) -> Decision:
    """Officers of the issuing body, once a scenario serves every bid."""
    decision = may_prepare(actor, allotment.call)
    if not decision:
        return decision
    if not ALLOTMENT_MOVES.allows(allotment.state, "release"):
        return allow_if(False, N_("The invitations are sent already."))
    solved = scenario.state is ScenarioState.SOLVED
    return allow_if(solved, N_("Only a scenario that serves every bid can be released."))
