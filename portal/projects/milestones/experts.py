"""Which experts may be asked about a milestone: active in the pool, and without a conflict."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids import queries as bid_queries
from portal.projects.models import Project
from portal.reviews.conflicts.models import Conflict
from portal.reviews.pool.models import Employment, Reviewer
from portal.reviews.pool.rules import PoolState
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState


def by_email(session: Session, email: str) -> Reviewer | None:
    """The active expert with this address."""
    return session.scalars(
        select(Reviewer)
        .join(Person, Person.id == Reviewer.person_id)
        .where(func.lower(Person.email) == email.lower(), Reviewer.state == PoolState.ACTIVE)
    ).one_or_none()


def in_conflict(session: Session, expert: Reviewer, project: Project) -> bool:
    """Whether the expert works or worked for the team, or has a conflict that stands with the bid."""
    team = {*bid_queries.team_organisations(project.bid), project.lead_id}
    employed = select(Employment.id).where(
        Employment.reviewer_id == expert.id, Employment.organisation_id.in_(team)
    )
    conflict = select(Conflict.id).where(
        Conflict.challenge_id == project.challenge_id,
        Conflict.reviewer_id == expert.id,
        Conflict.lifted_at.is_(None),
        or_(Conflict.bid_id.is_(None), Conflict.bid_id == project.bid_id),
    )
    found = session.scalar(conflict.limit(1)) or session.scalar(employed.limit(1))
    return expert.organisation_id in team or found is not None


def of_the_review(session: Session, challenge_id: UUID) -> Sequence[Person]:
    """Who reviewed the bids of a challenge, to be offered first, by name."""
    seats = (
        select(Reviewer.person_id)
        .join(Seat, Seat.reviewer_id == Reviewer.id)
        .join(Round, Round.id == Seat.round_id)
        .where(
            Round.challenge_id == challenge_id,
            Seat.state == SeatState.DONE,
            Reviewer.state == PoolState.ACTIVE,
        )
    )
    return session.scalars(select(Person).where(Person.id.in_(seats)).order_by(Person.name)).all()
