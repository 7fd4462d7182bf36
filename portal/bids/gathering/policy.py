"""Who begins a gathering, who comes to it, who looks on."""

from datetime import datetime

from portal.bids.gathering.models import Gathering
from portal.challenges import policy as challenge_policy
from portal.challenges.keys import policy as keys_policy
from portal.challenges.keys.models import KeyShare
from portal.challenges.models import Challenge
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_

NOT_GATHERED = N_("The officer has not begun the opening, or its half hour is over.")


def may_follow(actor: Actor, challenge: Challenge, share: KeyShare | None) -> Decision:
    """Who is there see the issuing body's officers and the custodians."""
    decision = challenge_policy.may_manage(actor, challenge)
    if decision or share is None:
        return decision
    return keys_policy.may_hold(actor, share)


def may_come(actor: Actor, gathering: Gathering | None, share: KeyShare, now: datetime) -> Decision:
    """A custodian whose share is not there yet, while the gathering runs."""
    decision = keys_policy.may_hold(actor, share)
    if not decision:
        return decision
    if gathering is None or not gathering.is_running(now):
        return deny(NOT_GATHERED)
    return allow_if(gathering.holder != share.holder, N_("Your share is there already."))
