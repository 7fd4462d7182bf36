"""Site visits: when, who, what they found, and photographs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.files import FileStore, Upload
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import rules as project_rules
from portal.projects.milestones import queries, rules
from portal.projects.milestones.models import SiteVisit, VisitPhotograph
from portal.projects.news import tell


@dataclass(frozen=True)
class Seen:
    """What a visit was: its day, who went, and what they found."""

    day: date | None
    people: str
    findings: str


def record_visit(
    actor: Actor,
    milestone_id: UUID,
    seen: Seen,
    photographs: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> SiteVisit:
    """Keep what a visit to the site found. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        project, milestone = queries.lock_by_milestone(session, milestone_id)
        policy.may_manage(actor, project).enforce()
        project_rules.require_running(project.state)
        day = rules.visited_on(seen.day, now.astimezone(PLACE).date())
        project_rules.require_words("findings", seen.findings)
        visit = SiteVisit(
            milestone_id=milestone.id,
            visited_on=day,
            people=seen.people.strip(),
            findings=seen.findings.strip(),
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        for position, upload in enumerate(photographs, start=1):
            stored = files.save(session, store, upload, actor.user_id, field="photographs")
            visit.photographs.append(VisitPhotograph(file=stored, position=position))
        session.add(visit)
        session.flush()
        shown = ",".join(row.file.sha256 for row in visit.photographs)
        facts = {"day": day, "findings": visit.findings, "photographs": shown}
        ref = milestone.subject_ref
        audit.record(session, actor, Action.SITE_VISITED, ref, now, **facts)
        subject = N_("A site visit to “%(title)s” was recorded: %(milestone)s.")
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"visit:{visit.id}", subject, milestone=milestone.title)
    return visit
