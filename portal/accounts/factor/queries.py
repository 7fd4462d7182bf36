"""Reads about second factors and what waits for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.factor.models import (
    FactorReset,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    WrongTry,
)
from portal.accounts.factor.rules import LONGEST, PROOF_TIME
from portal.accounts.models import Person
from portal.accounts.queries import token_digest


def proven(session: Session, person_id: UUID) -> SecondFactor | None:
    """A person's second factor."""
    query = select(SecondFactor).where(
        SecondFactor.person_id == person_id, SecondFactor.proven_at.is_not(None)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def proposed(session: Session, person_id: UUID, now: datetime) -> SecondFactor | None:
    """The one that a person is setting up, while its time lasts."""
    query = select(SecondFactor).where(
        SecondFactor.person_id == person_id,
        SecondFactor.proven_at.is_(None),
        SecondFactor.proposed_at > now - PROOF_TIME,
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def codes_left(session: Session, factor: SecondFactor) -> int:
    """How many recovery codes were not used yet."""
    query = select(func.count()).where(RecoveryCode.factor_id == factor.id)
    return session.scalar(query) or 0


def wrong_tries(session: Session, person_id: UUID, now: datetime) -> Sequence[datetime]:
    """When a person's wrong tries were, as far back as they count."""
    query = select(WrongTry.at).where(WrongTry.person_id == person_id, WrongTry.at > now - LONGEST)
    return session.scalars(query).all()


def pending(session: Session, token: str, now: datetime) -> PendingSignIn | None:
    """The sign-in that waits for a code under this token, while its time lasts."""
    query = (
        select(PendingSignIn)
        .join(Person, Person.id == PendingSignIn.person_id)
        .where(
            PendingSignIn.token_sha256 == token_digest(token),
            PendingSignIn.expires_at > now,
            Person.active,
        )
        .options(joinedload(PendingSignIn.person))
    )
    return session.scalars(query).one_or_none()


def resets(session: Session, limit: int = 50) -> Sequence[FactorReset]:
    """The resets that wait for a second administrator, oldest first."""
    query = select(FactorReset).order_by(FactorReset.asked_at, FactorReset.id).limit(limit)
    both = joinedload(FactorReset.person), joinedload(FactorReset.asked_by)
    return session.scalars(query.options(*both)).all()


def reset(session: Session, reset_id: UUID) -> FactorReset | None:
    """One of them."""
    return session.scalars(select(FactorReset).where(FactorReset.id == reset_id)).one_or_none()


def reset_of(session: Session, person_id: UUID) -> FactorReset | None:
    """What waits for this person."""
    query = select(FactorReset).where(FactorReset.person_id == person_id)
    return session.scalars(query).one_or_none()
