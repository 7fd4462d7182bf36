"""The team's own money: recorded by the lead with evidence, confirmed by an officer."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core import files
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects import rules as project_rules
from portal.projects.funds import queries, rules
from portal.projects.funds.models import Receipt
from portal.projects.funds.rules import RECEIPT_MOVES
from portal.projects.models import Project
from portal.projects.news import tell


@dataclass(frozen=True)
class Incoming:
    """Own money that came in: yuan of a source, with the document that shows it."""

    source: FundSource
    amount: Decimal
    document: str
    day: date | None
    file: Upload | None


def record_own_money(
    actor: Actor, project_id: UUID, what: Incoming, store: FileStore, now: datetime
) -> Receipt:
    """Record that own money has come in; it counts when an officer has confirmed it.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        policy.may_report(actor, project).enforce()
        project_rules.require_running(project.state)
        document, day = _checked(session, project, what, now)
        receipt = Receipt(
            project=project,
            source=what.source,
            amount=what.amount,
            document=document,
            received_on=day,
            file=files.save(session, store, what.file, actor.user_id, field="file")
            if what.file
            else None,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        session.add(receipt)
        session.flush()
        digest = receipt.file.sha256 if receipt.file else ""
        facts = {"source": what.source, "amount": what.amount, "document": document}
        ref = receipt.subject_ref
        audit.record(session, actor, Action.OWN_MONEY_RECORDED, ref, now, file=digest, **facts)
        subject = N_("The team's own money in “%(title)s” was recorded; it waits to be confirmed.")
        people = challenge_queries.managers(session, project.challenge)
        tell(session, people, project, f"own:{receipt.id}", subject)
    return receipt


def _checked(session: Session, project: Project, what: Incoming, now: datetime) -> tuple[str, date]:
    """The document's number and day. Raises Invalid."""
    fund = next((one for one in project.funds if one.source is what.source), None)
    known = queries.recorded(session, project.id, what.source)
    rules.require_own_money(what.source, what.amount, fund.amount if fund else None, known)
    document, today = what.document.strip(), now.astimezone(PLACE).date()
    rules.require_document(document, what.day, today, what.file is not None)
    if queries.document_used(session, project.id, what.source, document):
        raise Invalid("document", "This document has been recorded already.")
    return document, what.day or today


def confirm_own_money(actor: Actor, receipt_id: UUID, now: datetime) -> None:
    """Confirm that own money has come in. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        project, receipt = queries.lock_by_receipt(session, receipt_id)
        _decide(actor, project, receipt, "confirm", "", now)
        session.flush()
        audit.record(session, actor, Action.OWN_MONEY_CONFIRMED, receipt.subject_ref, now)
        subject = N_("Own money in “%(title)s” was confirmed (%(document)s).")
        _tell_team(session, project, receipt, subject)


def refuse_own_money(actor: Actor, receipt_id: UUID, answer: str, now: datetime) -> None:
    """Say that a record of own money is not confirmed, and why.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, receipt = queries.lock_by_receipt(session, receipt_id)
        project_rules.require_words("answer", answer)
        _decide(actor, project, receipt, "refuse", answer.strip(), now)
        ref = receipt.subject_ref
        audit.record(session, actor, Action.OWN_MONEY_REFUSED, ref, now, reason=answer.strip())
        subject = N_("Own money in “%(title)s” was not confirmed (%(document)s).")
        _tell_team(session, project, receipt, subject)


def _decide(
    actor: Actor, project: Project, receipt: Receipt, act: str, answer: str, now: datetime
) -> None:
    policy.may_manage(actor, project).enforce()
    policy.may_confirm(actor, receipt.recorded_by).enforce()
    RECEIPT_MOVES.move(receipt, act)
    receipt.answer, receipt.decided_by, receipt.decided_at = answer, actor.user_id, now


def _tell_team(session: Session, project: Project, receipt: Receipt, subject: str) -> None:
    team = bid_queries.team_people(session, project.bid)
    news = f"own:{receipt.id}:{receipt.state}"
    tell(session, team, project, news, subject, document=receipt.document)
