"""Reporting, examining and returning milestones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.files import FileStore, Upload
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.milestones import queries, rules
from portal.projects.milestones.models import MilestoneEvidence
from portal.projects.milestones.rules import MILESTONE_MOVES, MilestoneState
from portal.projects.models import Project
from portal.projects.news import tell


def report_milestone(
    actor: Actor,
    milestone_id: UUID,
    report: str,
    evidence: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> None:
    """Report what a milestone has shown. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_report(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "report")
        kept = len(milestone.evidence)
        earlier = _earlier(project, milestone.position)
        rules.require_report(earlier, project.state, report, kept + len(evidence))
        MILESTONE_MOVES.move(milestone, "report")
        milestone.report, milestone.reported_at = report.strip(), now
        for position, upload in enumerate(evidence, start=kept + 1):
            stored = files.save(session, store, upload, actor.user_id, field="evidence")
            milestone.evidence.append(MilestoneEvidence(file=stored, position=position))
        session.flush()
        ref = f"milestone:{milestone.id}"
        shown = ",".join(row.file.sha256 for row in milestone.evidence)
        audit.record(session, actor, Action.MILESTONE_REPORTED, ref, now, evidence=shown)
        announce(session, Topic.MILESTONE_REPORTED, milestone_id=milestone.id)


def tell_of_report(milestone_id: UUID, now: datetime) -> None:
    """Tell the officers that a milestone waits for them."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        subject = N_("A milestone of “%(title)s” was reported: %(milestone)s.")
        news = f"reported:{milestone.id}:{milestone.reported_at}"
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, news, subject, milestone=milestone.title)


def accept_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Accept what was reported; its tranches become due. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "accept")
        rules.require_acceptable(_earlier(project, milestone.position))
        MILESTONE_MOVES.move(milestone, "accept")
        milestone.answer, milestone.accepted_at = answer.strip(), now
        ref = f"milestone:{milestone.id}"
        audit.record(session, actor, Action.MILESTONE_ACCEPTED, ref, now)
        announce(session, Topic.MILESTONE_ACCEPTED, milestone_id=milestone.id)
        subject = N_("A milestone of “%(title)s” was accepted: %(milestone)s.")
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"accepted:{ref}", subject, milestone=milestone.title)


def return_milestone(actor: Actor, milestone_id: UUID, answer: str, now: datetime) -> None:
    """Send a report back with the reason. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "return")
        project_rules.require_words("answer", answer)
        MILESTONE_MOVES.move(milestone, "return")
        milestone.answer = answer.strip()
        ref = f"milestone:{milestone.id}"
        audit.record(session, actor, Action.MILESTONE_RETURNED, ref, now, reason=answer.strip())
        subject = N_("A milestone of “%(title)s” was returned: %(milestone)s.")
        team = bid_queries.team_people(session, project.bid)
        news = f"returned:{ref}:{now.isoformat()}"
        tell(session, team, project, news, subject, milestone=milestone.title)


def _earlier(project: Project, position: int) -> list[MilestoneState]:
    return [one.state for one in project.milestones if one.position < position]
