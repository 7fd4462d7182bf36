"""Writing and reporting milestones."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Overtaken
from portal.core.files import FileStore, Upload
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.milestones import queries, reporting, rules
from portal.projects.milestones.models import Milestone, MilestoneEvidence
from portal.projects.milestones.reporting import Shown
from portal.projects.milestones.rules import MILESTONE_MOVES
from portal.projects.news import tell


def save_draft(
    actor: Actor,
    milestone_id: UUID,
    report: str,
    values: Sequence[Shown],
    seen: int | None,
    now: datetime,
) -> Milestone:
    """Keep what is typed of a report, complete or not; `seen` is the revision it began from.

    Raises NotAllowed, IllegalMove, and Overtaken when somebody else wrote meanwhile.
    """
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_report(actor, project).enforce()
        project_rules.require_running(project.state)
        MILESTONE_MOVES.after(milestone.state, "report")
        told = reporting.draft_of(report, values)
        if told != milestone.draft:
            if seen is not None and seen != milestone.draft_revision:
                raise Overtaken("Somebody else has written this report meanwhile; open it again.")
            milestone.draft, milestone.draft_at = told, now
            milestone.draft_revision += 1
    return milestone


def report_milestone(
    actor: Actor,
    milestone_id: UUID,
    report: str,
    evidence: Sequence[Upload],
    store: FileStore,
    now: datetime,
    values: Sequence[Shown] = (),
) -> None:
    """Report what a milestone has shown. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_report(actor, project).enforce()
        MILESTONE_MOVES.after(milestone.state, "report")
        kept = len(milestone.evidence)
        earlier = queries.states_before(project, milestone)
        rules.require_report(earlier, project.state, report, kept + len(evidence))
        reporting.keep_values(session, actor, project, milestone, values, store)
        MILESTONE_MOVES.move(milestone, "report")
        milestone.report, milestone.reported_at = report.strip(), now
        milestone.draft = {}
        for position, upload in enumerate(evidence, start=kept + 1):
            stored = files.save(session, store, upload, actor.user_id, field="evidence")
            milestone.evidence.append(MilestoneEvidence(file=stored, position=position))
        session.flush()
        shown = ",".join(row.file.sha256 for row in milestone.evidence)
        told = {f"indicator {row.indicator.position}": row.value for row in milestone.values}
        ref = milestone.subject_ref
        audit.record(session, actor, Action.MILESTONE_REPORTED, ref, now, evidence=shown, **told)
        announce(session, Topic.MILESTONE_REPORTED, milestone_id=milestone.id)


def tell_of_report(milestone_id: UUID, now: datetime) -> None:
    """Tell the officers that a milestone waits for them."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        subject = N_("A milestone of “%(title)s” was reported: %(milestone)s.")
        news = f"reported:{milestone.id}:{milestone.reported_at}"
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, news, subject, milestone=milestone.title)
