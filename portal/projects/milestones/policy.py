"""Who gives an opinion on a milestone, and so reads its report."""

from portal.core.access import Actor, Decision, allow_if
from portal.core.words import N_
from portal.projects.milestones.models import MilestoneOpinion
from portal.projects.milestones.rules import OpinionState

READING = frozenset({OpinionState.ASKED, OpinionState.GIVEN})
"""States in which the expert reads what the opinion is about."""


def may_give(actor: Actor, opinion: MilestoneOpinion) -> Decision:
    """Only the expert who was asked."""
    asked = opinion.reviewer.person_id == actor.user_id
    return allow_if(asked, N_("Only the expert who was asked may do this."))


def may_read(actor: Actor, opinion: MilestoneOpinion) -> Decision:
    """The expert, as long as the opinion is wanted or given."""
    own = bool(may_give(actor, opinion)) and opinion.state in READING
    return allow_if(own, N_("Only the expert who was asked may do this."))
