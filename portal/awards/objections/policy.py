"""Who looks at an objection, who examines it, and who learns whose it is."""

from collections.abc import Mapping
from uuid import UUID

from portal.awards import policy as award_policy
from portal.awards.models import Notice
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import OBJECTION_MOVES, Involvement
from portal.core.access import ALLOW, Actor, Decision, allow_if, deny
from portal.core.words import N_


def may_object(actor: Actor | None, notice: Notice) -> Decision:
    """Everybody who is signed in with their real name, save those who would answer."""
    if actor is None:
        return deny(N_("Please sign in: an objection is raised under one's real name."))
    officer = bool(award_policy.may_decide(actor, notice.challenge))
    return allow_if(
        not officer, N_("Officers of the issuing body answer objections, they raise none.")
    )


def may_look(actor: Actor, objection: Objection, action: str) -> Decision:
    """Officers of the issuing body look at its form and name an examiner."""
    decision = award_policy.may_decide(actor, objection.notice.challenge)
    if not decision:
        return decision
    allows = OBJECTION_MOVES.allows(objection.state, action)
    return allow_if(allows, N_("The objection is past this step."))


def may_be_examiner(person: UUID, candidates: Mapping[UUID, Involvement | None]) -> Decision:
    """Officers who are not involved; whoever is, is refused with the reason."""
    if person not in candidates:
        return deny(N_("Only an officer of the issuing body or of the city examines objections."))
    involvement = candidates[person]
    return ALLOW if involvement is None else deny(involvement.label)


def may_examine(actor: Actor, objection: Objection) -> Decision:
    """The examiner that was named, and nobody else."""
    return allow_if(
        objection.examiner_id == actor.user_id, N_("Another person examines this objection.")
    )


def may_read(actor: Actor, objection: Objection) -> Decision:
    """Its text: who raised it, who examines it, and those who read the papers of the challenge."""
    own = actor.user_id in (objection.raised_by, objection.examiner_id)
    papers = award_policy.may_see_decision(actor, objection.notice.challenge)
    return allow_if(own or bool(papers), N_("This objection is not yours."))


def may_know_objector(actor: Actor, objection: Objection) -> Decision:
    """The name, and the files that may give it away: the examiner alone, besides the objector."""
    known = actor.user_id in (objection.raised_by, objection.examiner_id)
    return allow_if(known, N_("Only the examiner learns who objects."))
