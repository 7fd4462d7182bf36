"""Charging an organisation with a breach of trust, hearing it, and deciding."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import files
from portal.core.access import BIDDERS, OFFICERS, Actor
from portal.core.db import transaction
from portal.core.errors import NotAllowed, NotFound
from portal.core.files import FileStore, StoredFile, Upload
from portal.core.words import N_, Message
from portal.integrity import policy, queries, rules
from portal.integrity.models import IntegrityRecord
from portal.integrity.rules import RECORD_MOVES, Grounds
from portal.notifications.service import notify


@dataclass(frozen=True)
class Charge:
    """What an organisation is charged with, and where it comes from."""

    grounds: Grounds
    reason: str
    about: str
    link: str = ""


def propose(
    actor: Actor,
    organisation_id: UUID,
    charge: Charge,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> IntegrityRecord:
    """Charge an organisation; it is told and may answer. Raises NotAllowed, NotFound, Invalid."""
    with transaction() as session:
        policy.may_propose(actor).enforce()
        if account_queries.organisation(session, organisation_id) is None:
            raise NotFound
        rules.require_reason("reason", charge.reason)
        kept = files.save(session, store, evidence, actor.user_id) if evidence else None
        return open_hearing(session, actor, organisation_id, charge, kept, now)


def open_hearing(
    session: Session,
    actor: Actor,
    organisation_id: UUID,
    charge: Charge,
    evidence: StoredFile | None,
    now: datetime,
) -> IntegrityRecord:
    """Charge an organisation within the caller's transaction. Raises NotAllowed."""
    office = policy.office_of(actor)
    if office is None:
        raise NotAllowed("Only officers may do this.")
    record = IntegrityRecord(
        organisation_id=organisation_id,
        grounds=charge.grounds,
        reason=charge.reason.strip(),
        about=charge.about,
        link=charge.link,
        file=evidence,
        office_id=office,
        proposed_by=actor.user_id,
        proposed_at=now,
        answer_by=rules.answer_by(now),
    )
    session.add(record)
    session.flush()
    facts = {"organisation": organisation_id, "grounds": charge.grounds}
    audit.record(session, actor, Action.INTEGRITY_PROPOSED, record.subject_ref, now, **facts)
    subject = N_("Your organisation is charged with a breach of trust (%(about)s). You may answer.")
    _tell_organisation(session, record, "proposed", subject)
    return record


def answer(
    actor: Actor,
    record_id: UUID,
    words: str,
    evidence: Upload | None,
    store: FileStore,
    now: datetime,
) -> None:
    """The organisation answers, once and in time. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        record = queries.lock(session, record_id)
        policy.may_answer(actor, record).enforce()
        RECORD_MOVES.after(record.state, "answer")
        rules.require_in_time(record.answer_by, now)
        rules.require_reason("answer", words)
        RECORD_MOVES.move(record, "answer")
        record.answer, record.answered_by, record.answered_at = words.strip(), actor.user_id, now
        if evidence is not None:
            record.answer_file = files.save(session, store, evidence, actor.user_id)
        audit.record(session, actor, Action.INTEGRITY_ANSWERED, record.subject_ref, now)
        subject = N_("%(organisation)s has answered the charge of a breach of trust (%(about)s).")
        _tell_office(session, record, "answered", subject)


def impose(actor: Actor, record_id: UUID, decision: str, now: datetime) -> None:
    """Record the breach for three years. Raises NotAllowed, IllegalMove, TooEarly, Invalid."""
    with transaction() as session:
        record = queries.lock(session, record_id)
        policy.may_decide(actor, record).enforce()
        RECORD_MOVES.after(record.state, "impose")
        rules.require_heard(record.state, record.answer_by, now)
        record.starts_at, record.ends_at = now, rules.ends_at(now)
        _decide(session, actor, record, "impose", decision, now)
        facts = {"until": record.ends_at, "reason": record.decision}
        audit.record(session, actor, Action.INTEGRITY_IMPOSED, record.subject_ref, now, **facts)
        subject = N_("A breach of trust of your organisation was recorded (%(about)s).")
        _tell_organisation(session, record, "imposed", subject)


def drop(actor: Actor, record_id: UUID, decision: str, now: datetime) -> None:
    """Record nothing. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        record = queries.lock(session, record_id)
        policy.may_decide(actor, record).enforce()
        _decide(session, actor, record, "drop", decision, now)
        reason = record.decision
        audit.record(
            session, actor, Action.INTEGRITY_DROPPED, record.subject_ref, now, reason=reason
        )
        subject = N_("The charge of a breach of trust was dropped (%(about)s).")
        _tell_organisation(session, record, "dropped", subject)


def lift(actor: Actor, record_id: UUID, decision: str, now: datetime) -> None:
    """End a record before its time. Raises NotAllowed, IllegalMove, Invalid."""
    with transaction() as session:
        record = queries.lock(session, record_id)
        policy.may_decide(actor, record).enforce()
        _decide(session, actor, record, "lift", decision, now)
        reason = record.decision
        audit.record(
            session, actor, Action.INTEGRITY_LIFTED, record.subject_ref, now, reason=reason
        )
        subject = N_("The record of a breach of trust was lifted (%(about)s).")
        _tell_organisation(session, record, "lifted", subject)


def _decide(
    session: Session, actor: Actor, record: IntegrityRecord, action: str, why: str, now: datetime
) -> None:
    RECORD_MOVES.after(record.state, action)
    rules.require_reason("decision", why)
    RECORD_MOVES.move(record, action)
    record.decision, record.decided_by, record.decided_at = why.strip(), actor.user_id, now
    session.flush()


def tell_of_hearing(record_id: UUID, now: datetime) -> None:
    """Remind an organisation whose time to answer is nearly over; once it is, the office."""
    with transaction() as session:
        record = queries.lock(session, record_id)
        if now < record.answer_by:
            subject = N_("The time to answer the charge of a breach of trust is nearly over.")
            _tell_organisation(session, record, "near", subject)
        else:
            subject = N_(
                "A charge of a breach of trust can be decided: the time to answer is over."
            )
            _tell_office(session, record, "over", subject)


def _tell_organisation(session: Session, record: IntegrityRecord, news: str, text: str) -> None:
    people = account_queries.people_with_role(session, BIDDERS, [record.organisation_id])
    _tell(session, record, list(people), news, text)


def _tell_office(session: Session, record: IntegrityRecord, news: str, text: str) -> None:
    people = account_queries.people_with_role(session, OFFICERS, [record.office_id])
    _tell(session, record, list(people), news, text)


def _tell(
    session: Session, record: IntegrityRecord, people: list[UUID], news: str, text: str
) -> None:
    names = account_queries.organisation(session, record.organisation_id)
    facts: dict[str, object] = {"about": record.about, "organisation": names.name if names else ""}
    key = f"{record.subject_ref}:{news}"
    notify(session, people, key, Message(text, facts), f"/integrity/{record.id}")
