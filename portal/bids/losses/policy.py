"""Who declares a loss of shares, who decides as the second person, who reads of it."""

from datetime import datetime

from portal.bids import rules as bid_rules
from portal.bids.losses.models import ShareLoss
from portal.bids.losses.rules import LOSS_MOVES, is_second_person
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import ALLOW, Actor, Decision, Role, allow_if, deny
from portal.core.words import N_


def may_see_all(actor: Actor | None, challenge: Challenge) -> Decision:
    """Also what is not public yet: the issuing body and auditors."""
    if actor is None:
        return deny(challenge_policy.NOT_ISSUER)
    if actor.has(Role.AUDITOR):
        return ALLOW
    return challenge_policy.may_manage(actor, challenge)


def may_declare(
    actor: Actor, challenge: Challenge, standing: ShareLoss | None, sealed: int, now: datetime
) -> Decision:
    """Officers of the issuing body after the deadline, while bids are sealed and none is declared."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    closes_at = challenge.closes_at
    due = closes_at is not None and now >= bid_rules.opens_at(closes_at)
    waits = due and sealed > 0 and standing is None
    return allow_if(waits, N_("There are no sealed bids that wait, or a loss is declared already."))


def may_decide(actor: Actor, loss: ShareLoss) -> Decision:
    """Four eyes: another officer of the issuing body, or an auditor."""
    decision = may_see_all(actor, loss.challenge)
    if not decision:
        return decision
    if not LOSS_MOVES.allows(loss.state, "confirm"):
        return deny(N_("This has been decided."))
    second = is_second_person(loss.declared_by, actor.user_id)
    return allow_if(second, N_("A second person decides on what you have declared yourself."))


def may_take_back(actor: Actor, loss: ShareLoss) -> Decision:
    """Whoever declared it, before it is decided."""
    own = loss.declared_by == actor.user_id and LOSS_MOVES.allows(loss.state, "take_back")
    return allow_if(own, N_("Only whoever declared it takes it back, before it is decided."))
