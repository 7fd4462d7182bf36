"""Reads about records of breach of trust."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.core.access import BIDDERS, OFFICERS, Actor, Role
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.integrity import policy
from portal.integrity.models import IntegrityRecord
from portal.integrity.rules import NEAR, UNDECIDED, RecordState

_I = IntegrityRecord
MOST = 100
"""Of one organisation more than that are not listed."""


def _in_force(at: datetime) -> Select[IntegrityRecord]:
    return select(_I).where(_I.state == RecordState.STANDING, _I.starts_at <= at, _I.ends_at > at)


def standing(session: Session, organisation_id: UUID, at: datetime) -> Sequence[IntegrityRecord]:
    """The records against an organisation that are in force at a time, the oldest first."""
    query = _in_force(at).where(_I.organisation_id == organisation_id)
    return session.scalars(query.order_by(_I.starts_at, _I.id)).all()


def standing_of(
    session: Session, organisations: Iterable[UUID], at: datetime
) -> dict[UUID, list[IntegrityRecord]]:
    """The records in force against several organisations, in one query."""
    found: dict[UUID, list[IntegrityRecord]] = {}
    query = _in_force(at).where(_I.organisation_id.in_(list(organisations)))
    for record in session.scalars(query.order_by(_I.starts_at, _I.id)):
        found.setdefault(record.organisation_id, []).append(record)
    return found


def of_organisation(session: Session, organisation_id: UUID) -> Sequence[IntegrityRecord]:
    """All records against an organisation, the newest first."""
    query = select(_I).where(_I.organisation_id == organisation_id).options(joinedload(_I.office))
    return session.scalars(query.order_by(_I.proposed_at.desc(), _I.id).limit(MOST)).all()


def visible_to(session: Session, actor: Actor, record_id: UUID) -> IntegrityRecord | None:
    """A record, for those who may see it."""
    found = session.get(_I, record_id)
    return found if found and policy.may_see(actor, found) else None


def lock(session: Session, record_id: UUID) -> IntegrityRecord:
    """A record, locked until the transaction ends. Raises NotFound."""
    query = select(_I).where(_I.id == record_id).with_for_update(of=_I)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def file_of(session: Session, actor: Actor, record_id: UUID, file_id: UUID) -> StoredFile:
    """What proves a charge or an answer, for those who see the record. Raises NotFound."""
    record = visible_to(session, actor, record_id)
    if record is None or file_id not in (record.file_id, record.answer_file_id):
        raise NotFound
    return session.get_one(StoredFile, file_id)


def to_answer(session: Session, actor: Actor, now: datetime) -> Sequence[IntegrityRecord]:
    """Charges that the actor's own organisations may still answer."""
    query = select(_I).where(
        _I.organisation_id.in_(actor.organisations_as(*BIDDERS)),
        _I.state == RecordState.HEARING,
        _I.answer_by > now,
    )
    return session.scalars(query.order_by(_I.answer_by, _I.id).limit(MOST)).all()


def to_decide(session: Session, actor: Actor, now: datetime) -> Sequence[IntegrityRecord]:
    """Charges that were answered, or had their time, and wait for the actor."""
    query = select(_I).where(_I.state.in_(UNDECIDED), _I.proposed_by != actor.user_id)
    if not actor.has(Role.CITY_OFFICER):
        query = query.where(_I.office_id.in_(actor.organisations_as(*OFFICERS)))
    query = query.where((_I.state == RecordState.ANSWERED) | (_I.answer_by <= now))
    return session.scalars(query.order_by(_I.answer_by, _I.id).limit(MOST)).all()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Charges whose time to answer is nearly over, or has just passed."""
    query = select(_I.id).where(
        _I.state == RecordState.HEARING, _I.answer_by <= now + NEAR, _I.answer_by > now - NEAR
    )
    return session.scalars(query.order_by(_I.answer_by, _I.id).limit(MOST)).all()
