"""Entering accepted projects in the public registry."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.words import N_, Message
from portal.notifications.service import notify
from portal.projects import queries as project_queries
from portal.projects.funds.service import release_by_acceptance
from portal.projects.news import everybody
from portal.projects.registry import queries, snapshot
from portal.projects.rules import ProjectState

REGISTRY_LOCK = 0x6A62_7265_67
"""Advisory lock that keeps the registry's numbers without gaps."""


def enter_registry(project_id: UUID, now: datetime) -> None:
    """Freeze an accepted project into the public registry, and its last tranches are due; once."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        if project.state is not ProjectState.ACCEPTED or queries.entry_of(session, project_id):
            return
        release_by_acceptance(session, project, now)
        session.execute(select(func.pg_advisory_xact_lock(REGISTRY_LOCK)))
        number = queries.next_registry_number(session)
        session.add(snapshot.entry_of(session, project, number, now))
        session.flush()
        ref = project.subject_ref
        audit.record(session, SYSTEM, Action.REGISTRY_ENTERED, ref, now, number=number)
        subject = Message(
            N_("“%(title)s” stands in the public registry."), {"title": project.title}
        )
        people = everybody(session, project)
        notify(session, people, f"project:{project.id}:registry", subject, f"/registry/{number}")
        complete_challenge(session, project.challenge_id, now)


def complete_challenge(session: Session, challenge_id: UUID, now: datetime) -> None:
    """Whatever was asked for is done when no project of a challenge goes on, and one is accepted.

    In the caller's transaction.
    """
    challenge = challenge_queries.lock(session, challenge_id)
    awarded = challenge.state is ChallengeState.AWARDED
    if awarded and project_queries.all_accepted(session, challenge_id):
        advance(challenge, "complete", now)
        audit.record(session, SYSTEM, Action.CHALLENGE_COMPLETED, challenge.subject_ref, now)
