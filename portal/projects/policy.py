"""Who sees a project, who reports on it, and who accepts and pays."""

from uuid import UUID

from portal.bids import queries as bid_queries
from portal.challenges import policy as challenge_policy
from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_
from portal.projects.models import Project


def is_on_team(actor: Actor, project: Project) -> bool:
    """Whether the person acts for the lead or for a confirmed partner."""
    partners = bid_queries.team_organisations(project.bid) - {project.lead_id}
    leads = project.lead_id in actor.organisations_as(Role.BIDDER_LEAD)
    return leads or bool(actor.organisations_as(Role.PARTNER) & partners)


def may_see(actor: Actor, project: Project) -> Decision:
    """The team, and those who read the papers of the challenge."""
    papers = bool(challenge_policy.may_read_papers(actor, project.challenge))
    return allow_if(papers or is_on_team(actor, project), N_("This project is not open to you."))


def may_report(actor: Actor, project: Project) -> Decision:
    """Only the lead speaks for the team."""
    leads = project.lead_id in actor.organisations_as(Role.BIDDER_LEAD)
    return allow_if(leads, N_("Only the lead of the team may do this."))


def may_manage(actor: Actor, project: Project) -> Decision:
    """Officers of the issuing body examine, pay, measure and accept."""
    return challenge_policy.may_manage(actor, project.challenge)


def may_confirm(actor: Actor, recorded_by: UUID | None) -> Decision:
    """Nobody confirms what they recorded themselves."""
    another = actor.user_id != recorded_by
    return allow_if(another, N_("Somebody else has to confirm what you recorded."))
