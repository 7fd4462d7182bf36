"""Reads about organisations, people and sessions."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.accounts.models import Organisation, Person, PersonRole, SignInSession
from portal.accounts.rules import Level, OrganisationKind, normal_uscc
from portal.core.access import Actor, Membership, Role


def token_digest(token: str) -> str:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of(person: Person) -> Actor:
    """A person as policies see them."""
    return Actor(
        person.id,
        person.name,
        person.email,
        person.locale,
        tuple(
            Membership(m.organisation_id, m.organisation.name, m.role, m.organisation.district)
            for m in person.memberships
        ),
    )


def signed_in_by(session: Session, token: str) -> tuple[Actor, datetime | None] | None:
    """Who is signed in by this token, and when with a second factor; None when the session has ended
    or run out."""
    found = (
        session.execute(
            select(Person, SignInSession.factor_at)
            .join(SignInSession, SignInSession.person_id == Person.id)
            .outerjoin(PersonRole, PersonRole.person_id == Person.id)
            .outerjoin(Organisation, Organisation.id == PersonRole.organisation_id)
            .where(
                SignInSession.token_sha256 == token_digest(token),
                SignInSession.ended_at.is_(None),
                SignInSession.expires_at > func.portal_now(),
                Person.active,
            )
            .order_by(PersonRole.given_at)
            .options(contains_eager(Person.memberships).contains_eager(PersonRole.organisation))
        )
        .unique()
        .one_or_none()
    )
    return (actor_of(found[0]), found[1]) if found else None


def actor_by_email(session: Session, email: str) -> Actor | None:
    """The actor with this address, for the command line and for tests."""
    person = person_by_email(session, email)
    return actor_of(person) if person else None


def person_by_email(session: Session, email: str) -> Person | None:
    """The person with this address, whatever its capitals."""
    return (
        session.scalars(
            select(Person)
            .where(Person.email == email.strip().lower())
            .options(joinedload(Person.memberships).joinedload(PersonRole.organisation))
        )
        .unique()
        .one_or_none()
    )


def lock_person(session: Session, person_id: UUID) -> None:
    """Let nobody else work on this person until the transaction ends."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def names_of(session: Session, people: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these people."""
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(list(people))))
    return {row.id: row.name for row in found}


def people_with_role(
    session: Session, roles: Iterable[Role], organisations: Iterable[UUID] | None = None
) -> Sequence[UUID]:
    """The ids of active people who hold one of the roles, in these organisations if given."""
    query = (
        select(PersonRole.person_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role.in_(list(roles)), Person.active)
        .distinct()
    )
    if organisations is not None:
        query = query.where(PersonRole.organisation_id.in_(list(organisations)))
    return session.scalars(query.order_by(PersonRole.person_id)).all()


def organisations(session: Session, after: str = "", limit: int = 50) -> Sequence[Organisation]:
    """Organisations by name, a page at a time, from behind `after`."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.name > after)
        .order_by(Organisation.name)
        .limit(limit)
    ).all()


def organisation(session: Session, organisation_id: UUID) -> Organisation | None:
    """One organisation."""
    return session.get(Organisation, organisation_id)


def bodies_of_district(session: Session, district: str) -> Sequence[UUID]:
    """The government bodies of a district."""
    query = select(Organisation.id).where(
        Organisation.level == Level.DISTRICT, Organisation.district == district
    )
    return session.scalars(query.order_by(Organisation.id)).all()


def organisation_by_uscc(session: Session, uscc: str) -> Organisation | None:
    """The organisation with this unified social credit code."""
    return session.scalars(select(Organisation).where(Organisation.uscc == uscc)).one_or_none()


def organisation_by_name(session: Session, name: str) -> Organisation | None:
    """The organisation with this exact name."""
    return session.scalars(select(Organisation).where(Organisation.name == name)).one_or_none()


def organisation_named(session: Session, words: str) -> Organisation | None:
    """The organisation with this exact name or code."""
    found = organisation_by_name(session, words.strip())
    return found or organisation_by_uscc(session, normal_uscc(words))


def possible_partners(session: Session, lead_id: UUID) -> Sequence[Organisation]:
    """Organisations that could join a team: everything but government and the lead itself."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind != OrganisationKind.GOVERNMENT, Organisation.id != lead_id)
        .order_by(Organisation.name)
    ).all()


def people(session: Session, after: str = "", limit: int = 50) -> Sequence[Person]:
    """People by address, with their roles, a page at a time, from behind `after`."""
    return session.scalars(
        select(Person)
        .where(Person.email > after)
        .order_by(Person.email)
        .limit(limit)
        .options(selectinload(Person.memberships).joinedload(PersonRole.organisation))
    ).all()


def live_sessions(session: Session, person_id: UUID, now: datetime) -> Sequence[SignInSession]:
    """A person's sessions that still hold, newest first."""
    return session.scalars(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
        )
        .order_by(SignInSession.started_at.desc())
        .limit(50)
    ).all()


def session_of(session: Session, session_id: UUID) -> SignInSession | None:
    """One session with its owner."""
    return session.get(SignInSession, session_id, options=[joinedload(SignInSession.person)])


def addresses_at(session: Session, person_id: UUID, at: datetime) -> Sequence[str]:
    """The network addresses from which a person was signed in at a time."""
    query = select(SignInSession.address).where(
        SignInSession.person_id == person_id,
        SignInSession.started_at <= at,
        func.coalesce(SignInSession.ended_at, SignInSession.expires_at) > at,
        SignInSession.address != "",
    )
    return session.scalars(query.distinct().order_by(SignInSession.address)).all()


def session_by_token(session: Session, token: str) -> SignInSession | None:
    """The session of a token."""
    return session.scalars(
        select(SignInSession).where(SignInSession.token_sha256 == token_digest(token))
    ).one_or_none()
