"""Raising an objection, looking at its form, examining and answering it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import queries as award_queries
from portal.awards import rules as award_rules
from portal.awards.news import tell_managers
from portal.awards.objections import policy, queries, rules
from portal.awards.objections.models import Objection, ObjectionEvidence
from portal.awards.objections.rules import OBJECTION_MOVES, Effect
from portal.core import files
from portal.core.access import SYSTEM, Actor
from portal.core.crypto import canonical, sha256
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.files import FileStore, Upload
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify


def raise_objection(
    actor: Actor,
    notice_id: UUID,
    text: str,
    evidence: Sequence[Upload],
    store: FileStore,
    now: datetime,
) -> Objection:
    """Object to a notice under one's real name, with files that prove it.

    The log gets a fingerprint of what was said and by whom, and no name: the examiner alone learns
    it. Raises NotAllowed, DeadlinePassed, IllegalMove, Invalid.
    """
    with transaction() as session:
        notice = award_queries.lock(session, notice_id)
        policy.may_object(actor, notice).enforce()
        award_rules.require_window(notice.state, notice.window_ends_at, now)
        rules.require_text("text", text)
        own = [one.state for one in notice.objections if one.raised_by == actor.user_id]
        rules.require_first(own)
        objection = Objection(
            notice=notice, raised_by=actor.user_id, raised_at=now, text=text.strip(), evidence=[]
        )
        session.add(objection)
        for position, upload in enumerate(evidence, start=1):
            kept = files.save(session, store, upload, actor.user_id, field="evidence", locks=True)
            objection.evidence.append(ObjectionEvidence(file=kept, position=position))
        session.flush()
        ref = objection.subject_ref
        facts = {"notice": notice.id, "sha256": fingerprint(objection)}
        audit.record(session, SYSTEM, Action.OBJECTION_RAISED, ref, now, **facts)
        subject = N_("An objection to the notice on “%(title)s” was raised.")
        tell_managers(session, notice, f"objection:{objection.id}", subject)
    return objection


def fingerprint(objection: Objection) -> str:
    """SHA-256 of who said what when, with which files; the nonce keeps the name from being guessed."""
    says = {
        "nonce": objection.nonce,
        "by": objection.raised_by,
        "at": objection.raised_at.isoformat(),
        "text": objection.text,
        "files": [one.file.facts.sha256 for one in objection.evidence],
    }
    return sha256(canonical(says))


def _lock_for(session: Session, actor: Actor, objection_id: UUID, act: str) -> Objection:
    objection = queries.lock(session, objection_id)
    OBJECTION_MOVES.after(objection.state, act)
    policy.may_look(actor, objection, act).enforce()
    return objection


def refuse(actor: Actor, objection_id: UUID, reason: str, now: datetime) -> None:
    """Refuse an objection for its form, with the reason.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        objection = _lock_for(session, actor, objection_id, "refuse")
        rules.require_text("refusal", reason)
        OBJECTION_MOVES.move(objection, "refuse")
        objection.refusal = reason.strip()
        objection.looked_at_by, objection.looked_at_at = actor.user_id, now
        _record(session, actor, Action.OBJECTION_REFUSED, objection, now)
        subject = N_("Your objection to the notice on “%(title)s” was refused for its form.")
        _tell_objector(session, objection, "refused", subject)


def accept(actor: Actor, objection_id: UUID, examiner: UUID, days: int, now: datetime) -> None:
    """Accept an objection for examination by somebody not involved, within so many working days.

    Raises NotFound, NotAllowed, IllegalMove, Invalid with why somebody cannot examine it.
    """
    with transaction() as session:
        objection = _lock_for(session, actor, objection_id, "accept")
        _require_examiner(session, objection, examiner)
        OBJECTION_MOVES.move(objection, "accept")
        objection.looked_at_by, objection.looked_at_at = actor.user_id, now
        objection.examiner_id, objection.due_at = examiner, rules.due_at(now, days)
        facts = {"examiner": examiner, "due_at": objection.due_at.isoformat()}
        _record(session, actor, Action.OBJECTION_ACCEPTED, objection, now, **facts)
        _tell_examiner(session, objection)
        subject = N_("Your objection to the notice on “%(title)s” is being examined.")
        _tell_objector(session, objection, "accepted", subject)


def hand_over(actor: Actor, objection_id: UUID, examiner: UUID, now: datetime) -> None:
    """Give an objection to another examiner; the date stays.

    Raises NotFound, NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        objection = _lock_for(session, actor, objection_id, "hand_over")
        _require_examiner(session, objection, examiner)
        OBJECTION_MOVES.move(objection, "hand_over")
        objection.examiner_id = examiner
        _record(session, actor, Action.OBJECTION_HANDED_OVER, objection, now, examiner=examiner)
        _tell_examiner(session, objection)


def _require_examiner(session: Session, objection: Objection, examiner: UUID) -> None:
    decision = policy.may_be_examiner(examiner, queries.candidates(session, objection))
    if not decision:
        raise Invalid("examiner", decision.reason)


@dataclass(frozen=True)
class Verdict:
    """How an examiner answers: to the objector, to everybody, and what follows."""

    upheld: bool
    answer: str
    summary: str
    effect: Effect | None = None
    bid_id: UUID | None = None


def answer(actor: Actor, objection_id: UUID, verdict: Verdict, now: datetime) -> None:
    """Uphold or dismiss an objection; an upheld one says what follows.

    Raises NotFound, NotAllowed, IllegalMove, InvalidInput.
    """
    with transaction() as session:
        objection = queries.lock(session, objection_id)
        notice = objection.notice
        action = "uphold" if verdict.upheld else "dismiss"
        OBJECTION_MOVES.after(objection.state, action)
        policy.may_examine(actor, objection).enforce()
        named = [place.bid_id for place in notice.places]
        texts = (verdict.answer, verdict.summary)
        rules.check_answer(verdict.upheld, verdict.effect, verdict.bid_id, named, *texts)
        OBJECTION_MOVES.move(objection, action)
        objection.answer, objection.summary = verdict.answer.strip(), verdict.summary.strip()
        if verdict.upheld:
            objection.effect = verdict.effect
            objection.bid_id = verdict.bid_id if verdict.effect in rules.ABOUT_A_BID else None
        objection.answered_by, objection.answered_at = actor.user_id, now
        facts = {"outcome": objection.state, "effect": objection.effect or ""}
        _record(session, actor, Action.OBJECTION_ANSWERED, objection, now, **facts)
        subject = N_("Your objection to the notice on “%(title)s” was answered.")
        _tell_objector(session, objection, "answered", subject)
        subject = N_("An objection to the notice on “%(title)s” was answered.")
        tell_managers(session, notice, f"answered:{objection.id}", subject, actor)


def _record(
    session: Session,
    actor: Actor,
    action: Action,
    objection: Objection,
    now: datetime,
    **facts: object,
) -> None:
    audit.record(session, actor, action, objection.subject_ref, now, **facts)


def _tell_objector(session: Session, objection: Objection, news: str, subject: str) -> None:
    key = f"objection:{objection.id}:{news}"
    message = Message(subject, {"title": both(objection.notice.challenge)})
    notify(session, [objection.raised_by], key, message, f"/objections/{objection.id}")


def _tell_examiner(session: Session, objection: Objection) -> None:
    if objection.examiner_id is None:
        return
    key = f"objection:{objection.id}:examiner:{objection.examiner_id}"
    subject = N_("Please examine an objection to the notice on “%(title)s”.")
    message = Message(subject, {"title": both(objection.notice.challenge)})
    notify(session, [objection.examiner_id], key, message, f"/objections/{objection.id}")
