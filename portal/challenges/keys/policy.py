"""Who names custodians, who takes and proves a share, who sees how far a key has come."""

from datetime import datetime

from portal.challenges import policy as challenge_policy
from portal.challenges.keys import rules
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import KEY_MOVES, SHARE_MOVES
from portal.challenges.models import Challenge
from portal.challenges.rules import accepts_bids
from portal.core.access import ALLOW, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_

NOT_YOURS = N_("This share is held by somebody else.")
MADE = N_("The key is made: its custodians and shares stay as they are.")


def may_see(actor: Actor, challenge: Challenge) -> Decision:
    """How far the key has come: the issuing body, and auditors."""
    if actor.has(Role.AUDITOR):
        return ALLOW
    return challenge_policy.may_manage(actor, challenge)


def may_name(actor: Actor, challenge: Challenge, key: OpeningKey | None, now: datetime) -> Decision:
    """The issuing body chooses the custodians, until the key is made or bidding is over."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    if key is not None and not KEY_MOVES.allows(key.state, "make"):
        return deny(MADE)
    is_over = challenge.closes_at is not None and now >= challenge.closes_at
    nameable = challenge.state in rules.NAMEABLE and not (challenge.published_at and is_over)
    return allow_if(nameable, N_("Custodians are chosen before bidding is over."))


def may_hold(actor: Actor, share: KeyShare) -> Decision:
    """A share is its custodian's alone, as long as they belong to the body they stand for."""
    own = share.person_id == actor.user_id
    homes = actor.organisations_as(*rules.ROLES[share.body])
    return allow_if(own and share.organisation_id in homes, NOT_YOURS)


def may_take(actor: Actor, share: KeyShare, now: datetime) -> Decision:
    """The custodian, from publishing until the key is made."""
    decision = may_hold(actor, share)
    if not decision:
        return decision
    if not KEY_MOVES.allows(share.key.state, "make"):
        return deny(MADE)
    challenge = share.key.challenge
    if challenge.published_at is None:
        return deny(N_("The share is taken once the challenge is published."))
    is_open = accepts_bids(challenge.state, challenge.closes_at, now)
    return allow_if(is_open, N_("Bidding on this challenge is over."))


def may_prove(actor: Actor, share: KeyShare, now: datetime) -> Decision:
    """The custodian, once the share is printed."""
    decision = may_take(actor, share, now)
    if not decision:
        return decision
    taken = SHARE_MOVES.allows(share.state, "prove")
    return allow_if(taken, N_("There is nothing to prove: print the share first."))
