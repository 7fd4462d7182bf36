"""Who may ask, answer and withdraw a question."""

from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QUESTION_MOVES, QuestionState
from portal.challenges.rules import ChallengeState
from portal.core.access import BIDDERS, Actor, Decision, allow_if, deny
from portal.core.words import N_

NOT_BIDDER = N_("Questions are asked by people of companies, institutes and universities.")
OWN_LIST = N_("The issuing body does not ask about its own challenge.")


def may_ask(actor: Actor, challenge: Challenge) -> Decision:
    """Bidders ask about what they can see; until when is a rule."""
    if not challenge_policy.may_see(actor, challenge) or challenge.published_at is None:
        return deny(NOT_BIDDER)
    homes = actor.organisations_as(*BIDDERS)
    if challenge.call.issuer_id in homes:
        return deny(OWN_LIST)
    return allow_if(bool(homes), NOT_BIDDER)


def may_answer(actor: Actor, challenge: Challenge) -> Decision:
    """The issuing body answers as long as bids are not opened."""
    decision = challenge_policy.may_manage(actor, challenge)
    if not decision:
        return decision
    open_for_it = challenge.state is ChallengeState.PUBLISHED
    return allow_if(open_for_it, N_("Questions on this challenge are no longer answered."))


def may_link(actor: Actor, question: Question) -> Decision:
    """The issuing body says in which amendment an answer went, once."""
    decision = challenge_policy.may_manage(actor, question.challenge)
    if not decision:
        return decision
    waits = question.number is not None and question.amends and question.amendment_id is None
    return allow_if(waits, N_("This answer does not wait for an amendment."))


def may_withdraw(actor: Actor, question: Question) -> Decision:
    """Whoever asked takes a question back before it is answered, alone or with another one."""
    if question.asked_by != actor.user_id:
        return deny(N_("This question was asked by somebody else."))
    other = question.same_as
    if other is not None and other.state is QuestionState.ANSWERED:
        return deny(N_("This question is answered already."))
    can = QUESTION_MOVES.allows(question.state, "withdraw")
    return allow_if(can, N_("This question is answered already."))
