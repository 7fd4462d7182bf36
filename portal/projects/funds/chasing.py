"""What the clock says about money: tranches that have been due for long, each once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.words import N_
from portal.projects.funds import queries
from portal.projects.funds.models import Tranche
from portal.projects.funds.rules import PAY_WITHIN, PAYING, TrancheState
from portal.projects.models import Project
from portal.projects.news import tell


def due(session: Session, now: datetime) -> Sequence[UUID]:
    """Tranches that have waited long for their payment; nothing is locked."""
    query = (
        select(Tranche.id)
        .join(Project)
        .where(
            Tranche.state == TrancheState.DUE,
            Tranche.due_at <= now - PAY_WITHIN,
            Tranche.reminded_at.is_(None),
            Project.state.in_(PAYING),
        )
    )
    return session.scalars(query.order_by(Tranche.id)).all()


def remind(tranche_id: UUID, now: datetime) -> None:
    """Tell the officers that a tranche has been due for long; a second run says nothing."""
    with transaction() as session:
        project, tranche = queries.lock_by_tranche(session, tranche_id)
        waits = tranche.state is TrancheState.DUE and project.state in PAYING
        if not waits or tranche.reminded_at:
            return
        tranche.reminded_at = now
        audit.record(session, SYSTEM, Action.TRANCHE_REMINDED, tranche.subject_ref, now)
        subject = N_("A tranche of “%(title)s” has been due for fifteen days and is not paid.")
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, f"unpaid:{tranche.id}", subject)
