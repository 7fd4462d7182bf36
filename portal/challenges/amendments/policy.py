"""Who may amend, approve and see amendments."""

from datetime import datetime

from portal.challenges import policy as challenges
from portal.challenges.amendments import rules
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.rules import AMENDMENT_MOVES, AmendmentKind, AmendmentState
from portal.challenges.models import Challenge
from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_

TOO_LATE = N_("A challenge is amended until its deadline; now it is not.")
OPENED = N_("The deadline is not moved once bids are open.")
SAME_PERSON = N_("Somebody else than who proposed it approves an amendment.")
ONLY_THE_DEADLINE = N_("An extension moves the deadline and nothing else.")
NOT_NOW = N_("This amendment is not open for that now.")


def may_amend(actor: Actor, challenge: Challenge, now: datetime) -> Decision:
    """Officers of the issuing body, until the deadline."""
    decision = challenges.may_manage(actor, challenge)
    if not decision:
        return decision
    return allow_if(rules.may_change_now(challenge.state, challenge.closes_at, now), TOO_LATE)


def may_extend(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body, until bids are open; after the deadline the number decides."""
    decision = challenges.may_manage(actor, challenge)
    if not decision:
        return decision
    return allow_if(rules.may_extend_now(challenge.state, challenge.opened_at), OPENED)


def may_go_on(actor: Actor, amendment: Amendment, now: datetime) -> Decision:
    """Whether what the amendment is about may still be done by the actor's body."""
    if amendment.kind is AmendmentKind.EXTENSION:
        return may_extend(actor, amendment.challenge)
    return may_amend(actor, amendment.challenge, now)


def may_write(actor: Actor, amendment: Amendment, now: datetime) -> Decision:
    """Officers of the issuing body write a draft."""
    return _in_state(may_go_on(actor, amendment, now), amendment, "propose")


def may_edit(actor: Actor, amendment: Amendment, now: datetime) -> Decision:
    """Officers of the issuing body change the sheet; an extension has none of its own."""
    decision = may_write(actor, amendment, now)
    if not decision:
        return decision
    return allow_if(amendment.kind is AmendmentKind.CHANGE, ONLY_THE_DEADLINE)


def may_return(actor: Actor, amendment: Amendment) -> Decision:
    """Officers of the issuing body give back what is proposed, the proposer as well."""
    return _in_state(challenges.may_manage(actor, amendment.challenge), amendment, "return")


def may_drop(actor: Actor, amendment: Amendment) -> Decision:
    """Officers of the issuing body drop what is not in force, at any time."""
    return _in_state(challenges.may_manage(actor, amendment.challenge), amendment, "drop")


def may_approve(actor: Actor, amendment: Amendment, now: datetime) -> Decision:
    """A second officer of the issuing body."""
    decision = _in_state(may_go_on(actor, amendment, now), amendment, "apply")
    if not decision:
        return decision
    return allow_if(actor.user_id != amendment.proposed_by, SAME_PERSON)


def concerns(actor: Actor, amendment: Amendment) -> bool:
    """Whether an officer has to do something: not the one who waits for somebody else."""
    return amendment.state is not AmendmentState.PROPOSED or amendment.proposed_by != actor.user_id


def _in_state(decision: Decision, amendment: Amendment, action: str) -> Decision:
    if not decision:
        return decision
    return allow_if(AMENDMENT_MOVES.allows(amendment.state, action), NOT_NOW)
