"""Who decides, who may object, and who answers."""

from portal.awards import rules
from portal.awards.models import Notice
from portal.awards.rules import NOTICE_MOVES
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES
from portal.core.access import Actor, Decision, allow_if, deny
from portal.core.words import N_


def may_see_decision(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads the papers of a challenge sees how it was decided."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_decide(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body decide, and carry the decision through."""
    return challenge_policy.may_manage(actor, challenge)


def may_take(actor: Actor, notice: Notice, action: str) -> Decision:
    """Whether this officer takes the notice this step now; the window is the rules' matter."""
    decision = may_decide(actor, notice.challenge)
    if not decision:
        return decision
    return allow_if(NOTICE_MOVES.allows(notice.state, action), N_("The notice is past this step."))


def may_object(actor: Actor | None, notice: Notice) -> Decision:
    """Everybody who is signed in with their real name, save those who would answer."""
    if actor is None:
        return deny(N_("Please sign in: an objection is raised under one's real name."))
    officer = bool(may_decide(actor, notice.challenge))
    return allow_if(
        not officer, N_("Officers of the issuing body answer objections, they raise none.")
    )


def may_see_objection(actor: Actor, notice: Notice, raised_by: object) -> Decision:
    """The objector is known to the officers and the auditors only."""
    own = actor.user_id == raised_by
    return allow_if(
        own or bool(may_see_decision(actor, notice.challenge)), N_("This objection is not yours.")
    )


def may_close(actor: Actor, challenge: Challenge, ranked: list[rules.Ranked]) -> Decision:
    """A challenge ends without an award when the ranking has nobody who passed."""
    decision = may_decide(actor, challenge)
    if not decision:
        return decision
    hopeless = CHALLENGE_MOVES.allows(challenge.state, "fail") and not any(
        row.passed for row in ranked
    )
    return allow_if(hopeless, N_("A bid reached the pass mark: decide on it."))
