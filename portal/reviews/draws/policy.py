"""Who leads a draw, who gives values, and who learns which person an alias is."""

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Decision, Role, allow_if, deny
from portal.core.words import N_
from portal.reviews.draws.models import Draw, DrawParty
from portal.reviews.draws.rules import DRAW_MOVES, DrawState, SourceKind

NOT_PRESENT = N_("Only those who were named as present give values to this draw.")
AFTER_NOTICE = frozenset({ChallengeState.NOTICED, ChallengeState.AWARDED, ChallengeState.COMPLETED})
GIVEN = N_("You have done this already; it is not changed any more.")


def may_lead(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body lead the draw."""
    return challenge_policy.may_manage(actor, challenge)


def may_freeze(actor: Actor, challenge: Challenge, draw: Draw | None) -> Decision:
    """Once the bids are open, or for a further draw while the round goes on."""
    decision = may_lead(actor, challenge)
    if not decision:
        return decision
    if draw is not None and not DRAW_MOVES.allows(draw.state, "freeze"):
        return deny(N_("The pool is frozen: it does not change any more."))
    in_time = challenge.state in (ChallengeState.OPENED, ChallengeState.REVIEWING)
    return allow_if(in_time, N_("The pool is frozen after the formal check."))


def may_abandon(actor: Actor, challenge: Challenge, draw: Draw) -> Decision:
    """Before it is drawn, with a reason; what is drawn stays."""
    decision = may_lead(actor, challenge)
    if not decision:
        return decision
    return allow_if(
        DRAW_MOVES.allows(draw.state, "abandon"),
        N_("This draw is made. Nobody can draw again."),
    )


def may_go_on(actor: Actor, challenge: Challenge, draw: Draw) -> Decision:
    """A further draw, of experts who were in no draw before, once the order has nobody left."""
    decision = may_lead(actor, challenge)
    if not decision:
        return decision
    is_short = draw.state is DrawState.DRAWN and draw.short_at is not None
    return allow_if(
        is_short, N_("The order still has somebody: whoever declines is replaced by it.")
    )


def may_be_present(actor: Actor, draw: Draw | None) -> Decision:
    """Those who were named when the pool was frozen."""
    named = draw is not None and any(one.person_id == actor.user_id for one in draw.parties)
    return allow_if(named, NOT_PRESENT)


def may_bind(actor: Actor, draw: Draw, party: DrawParty | None) -> Decision:
    """Those present hand in the fingerprint of a phrase, each once, before any is shown."""
    decision = _may_give(actor, draw, party, SourceKind.PHRASES, DrawState.FROZEN)
    if not decision or party is None:
        return decision
    return allow_if(party.fingerprint is None, GIVEN)


def may_show(actor: Actor, draw: Draw, party: DrawParty | None) -> Decision:
    """They show the phrase once every fingerprint is in."""
    decision = _may_give(actor, draw, party, SourceKind.PHRASES, DrawState.BOUND)
    if not decision or party is None:
        return decision
    return allow_if(party.value is None, GIVEN)


def may_type(actor: Actor, draw: Draw, party: DrawParty | None) -> Decision:
    """Those present type the numbers of the lottery; a slip is typed again."""
    return _may_give(actor, draw, party, SourceKind.LOTTERY, DrawState.FROZEN)


def _may_give(
    actor: Actor, draw: Draw, party: DrawParty | None, kind: SourceKind, state: DrawState
) -> Decision:
    own = party is not None and party.person_id == actor.user_id
    if not own or draw.kind is not kind:
        return deny(NOT_PRESENT)
    return allow_if(draw.state is state, N_("It is not the time for this step of the draw."))


def may_open_aliases(actor: Actor, challenge: Challenge) -> Decision:
    """Who watches a round knows its reviewers: the issuing body, city officers and auditors."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_prove_aliases(actor: Actor) -> Decision:
    """Auditors take the file with which aliases are proven."""
    return allow_if(actor.has(Role.AUDITOR), N_("Only auditors take this file."))


def are_public(challenge: Challenge) -> bool:
    """Whether everybody learns who was asked: after the notice, if the challenge says so."""
    return challenge.rules.experts_published and challenge.state in AFTER_NOTICE
