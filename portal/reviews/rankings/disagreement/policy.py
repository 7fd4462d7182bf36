"""Who sees a disagreement, who answers in it, who leads it."""

from datetime import datetime

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_
from portal.reviews.rankings.disagreement.models import Disagreement, Party
from portal.reviews.rankings.disagreement.rules import DisagreementState
from portal.reviews.rounds.rules import SEATED

OVER = N_("The time for it is over.")


def may_watch(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads the challenge's papers."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_lead(actor: Actor, found: Disagreement, now: datetime) -> Decision:
    """Officers of the issuing body open a discussion, ask a further reviewer, and close."""
    decision = challenge_policy.may_manage(actor, found.round.challenge)
    if not decision:
        return decision
    return _is_open(found, now)


def party_of(actor: Actor, found: Disagreement) -> Party | None:
    """The actor's part in it, while the seat is theirs."""
    for party in found.parties:
        own = party.seat.reviewer.person_id == actor.user_id
        if own and party.seat.state in SEATED:
            return party
    return None


def may_answer(actor: Actor, found: Disagreement, now: datetime) -> Decision:
    """A reviewer who was asked: those concerned, and all of the bid in a discussion."""
    party = party_of(actor, found)
    if party is None:
        return deny(N_("You did not review this bid."))
    asked = party.concerned or found.state is DisagreementState.DISCUSSING
    if not asked or found.state is DisagreementState.WIDENED:
        return deny(N_("Nothing is asked of you here."))
    return _is_open(found, now)


def may_speak(actor: Actor, found: Disagreement, now: datetime) -> Decision:
    """The bid's reviewers and the officers who lead it, in a discussion."""
    if found.state is not DisagreementState.DISCUSSING:
        return deny(N_("There is no discussion."))
    if party_of(actor, found) is not None:
        return _is_open(found, now)
    return may_lead(actor, found, now)


def _is_open(found: Disagreement, now: datetime) -> Decision:
    return allow_if(found.is_open and now < found.ends_at, OVER)
