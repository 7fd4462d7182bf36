"""What the database knows of a file's experts, looked up for all rows together."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation, Person, PersonRole
from portal.accounts.rules import normal_uscc
from portal.core.files import StoredFile
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState


def people_by_email(session: Session, emails: Collection[str]) -> dict[str, Person]:
    """The people with these addresses, with their roles."""
    found = session.scalars(
        select(Person)
        .where(Person.email.in_(emails))
        .options(selectinload(Person.memberships).joinedload(PersonRole.organisation))
    )
    return {person.email: person for person in found}


def entries_of(session: Session, people: Collection[UUID]) -> dict[UUID, Reviewer]:
    """The entries of these people in the pool."""
    found = session.scalars(select(Reviewer).where(Reviewer.person_id.in_(people)))
    return {entry.person_id: entry for entry in found}


def organisations_called(session: Session, names: Collection[str]) -> dict[str, Organisation]:
    """Organisations by each of these names or codes that one has."""
    codes = {normal_uscc(name): name for name in names}
    found = session.scalars(
        select(Organisation).where(or_(Organisation.name.in_(names), Organisation.uscc.in_(codes)))
    ).all()
    known = {one.name: one for one in found}
    return known | {codes[one.uscc]: one for one in found if one.uscc in codes}


def waiting_of(session: Session, file_id: UUID) -> Sequence[Reviewer]:
    """Whoever a file proposed and who still waits, locked in one order."""
    return session.scalars(
        select(Reviewer)
        .where(Reviewer.source_id == file_id, Reviewer.state == PoolState.PROPOSED)
        .options(joinedload(Reviewer.person))
        .order_by(Reviewer.id)
        .with_for_update(key_share=True, of=Reviewer)
    ).all()


def imported(session: Session, limit: int = 20) -> Sequence[tuple[StoredFile, int, int]]:
    """The latest files with experts: how many each proposed, and how many of them still wait."""
    waits = func.count().filter(Reviewer.state == PoolState.PROPOSED)
    rows = session.execute(
        select(StoredFile, func.count(), waits)
        .join(Reviewer, Reviewer.source_id == StoredFile.id)
        .group_by(StoredFile.id)
        .order_by(StoredFile.uploaded_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]
