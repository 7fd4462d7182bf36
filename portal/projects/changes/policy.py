"""Who asks for a change, who answers it, and who sees it."""

from portal.core.access import Actor, Decision, Role, allow_if
from portal.core.words import N_
from portal.projects import policy as project_policy
from portal.projects.changes.models import Change
from portal.projects.changes.rules import Voice
from portal.projects.models import Project


def speaks_for_district(actor: Actor, project: Project) -> bool:
    """Whether the person is an officer of the cluster's district."""
    return project.challenge.call.cluster.district in actor.districts


def may_see_changes(actor: Actor, project: Project) -> Decision:
    """Those who see the project, and the officers of the cluster's district."""
    allowed = bool(project_policy.may_see(actor, project)) or speaks_for_district(actor, project)
    return allow_if(allowed, N_("This project is not open to you."))


def may_see(actor: Actor, change: Change) -> Decision:
    """Those who see the project's changes, and the expert who was asked about this one."""
    asked = bool(may_answer(actor, change, Voice.EXPERT))
    allowed = asked or bool(may_see_changes(actor, change.project))
    return allow_if(allowed, N_("This request is not open to you."))


def may_answer(actor: Actor, change: Change, voice: Voice) -> Decision:
    """Each voice has its people."""
    project = change.project
    expert = change.expert is not None and change.expert.person_id == actor.user_id
    allowed = {
        Voice.EXPERT: expert,
        Voice.ISSUER: bool(project_policy.may_manage(actor, project)),
        Voice.CITY: actor.has(Role.CITY_OFFICER),
        Voice.DISTRICT: speaks_for_district(actor, project),
    }
    return allow_if(allowed[voice], N_("This answer is for others to give."))
