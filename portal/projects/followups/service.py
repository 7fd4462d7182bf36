"""Reporting a year after acceptance, correcting it, and reminding of it."""

from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.words import N_
from portal.projects import policy
from portal.projects.followups import queries, rules
from portal.projects.followups.models import FollowUpReport
from portal.projects.followups.rules import SOON, Figures
from portal.projects.news import everybody, tell


def report(
    actor: Actor, follow_up_id: UUID, told: Figures, words: str, reason: str, now: datetime
) -> FollowUpReport:
    """Report a year, or correct what was reported: the old report stays.

    Raises NotAllowed, IllegalMove, TooEarly, InvalidInput.
    """
    with transaction() as session:
        project, year = queries.lock_follow_up(session, follow_up_id)
        policy.may_report(actor, project).enforce()
        earlier = len(year.reports)
        rules.require_report(project.state, year.due_at, earlier, told, reason, now)
        made = FollowUpReport(
            number=earlier + 1,
            **vars(told),
            words=words.strip(),
            reason=reason.strip() if earlier else "",
            reported_at=now,
            reported_by=actor.user_id,
        )
        year.reports.append(made)
        year.reported_at = year.reported_at or now
        session.flush()
        facts = {"year": year.year, "number": made.number, "reason": made.reason, **vars(told)}
        audit.record(session, actor, Action.FOLLOW_UP_REPORTED, year.subject_ref, now, **facts)
        office = challenge_queries.managers(session, project.challenge)
        subject = N_("Year %(year)s after acceptance of “%(title)s” was reported.")
        news = f"follow-up:{year.id}:{made.number}"
        tell(session, office, project, news, subject, year=year.year)
    return made


def remind(follow_up_id: UUID, now: datetime) -> None:
    """Ask the lead for a report that is near, and tell the officers when it is late; each once."""
    with transaction() as session:
        project, year = queries.lock_follow_up(session, follow_up_id)
        near = now >= year.due_at - SOON and year.reminded_at is None
        late = now > year.due_at and year.warned_at is None
        if year.reported_at is not None or not (near or late):
            return
        year.reminded_at = year.reminded_at or now
        facts = {"year": year.year, "late": late}
        audit.record(session, SYSTEM, Action.FOLLOW_UP_REMINDED, year.subject_ref, now, **facts)
        if late:
            year.warned_at = now
            subject = N_("The report on year %(year)s after acceptance of “%(title)s” is late.")
            people = everybody(session, project)
            tell(session, people, project, f"late:{year.id}", subject, year=year.year)
        else:
            subject = N_("The report on year %(year)s after acceptance of “%(title)s” is due soon.")
            team = bid_queries.team_people(session, project.bid)
            tell(session, team, project, f"near:{year.id}", subject, year=year.year)
