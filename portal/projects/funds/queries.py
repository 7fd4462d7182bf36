"""Reads about money and tranches."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.money import FundSource
from portal.projects import policy
from portal.projects.funds.models import Payment, ProjectFund, Receipt, Reversal, Tranche
from portal.projects.funds.rules import Matching, ReceiptState, ReversalState, matching
from portal.projects.models import Project
from portal.projects.queries import lock


def lock_by_tranche(session: Session, tranche_id: UUID) -> tuple[Project, Tranche]:
    """A tranche with its project, which is locked: its payments wait for each other.

    Raises NotFound.
    """
    project_id = session.scalar(select(Tranche.project_id).where(Tranche.id == tranche_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, next(one for one in project.tranches if one.id == tranche_id)


def lock_by_receipt(session: Session, receipt_id: UUID) -> tuple[Project, Receipt]:
    """A record of own money with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Receipt.project_id).where(Receipt.id == receipt_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, session.get_one(Receipt, receipt_id, populate_existing=True)


def lock_by_payment(session: Session, payment_id: UUID) -> tuple[Project, Payment]:
    """A payment with its project, which is locked. Raises NotFound."""
    project_id = session.scalar(select(Payment.project_id).where(Payment.id == payment_id))
    if project_id is None:
        raise NotFound
    project = lock(session, project_id)
    return project, session.get_one(Payment, payment_id, populate_existing=True)


def lock_by_reversal(session: Session, reversal_id: UUID) -> tuple[Project, Reversal]:
    """A counter-entry with its project, which is locked. Raises NotFound."""
    payment_id = session.scalar(select(Reversal.payment_id).where(Reversal.id == reversal_id))
    if payment_id is None:
        raise NotFound
    project, _ = lock_by_payment(session, payment_id)
    return project, session.get_one(Reversal, reversal_id, populate_existing=True)


def left_at_source(project: Project, source: FundSource) -> Decimal:
    """What a project's contract still has from a source, in yuan."""
    return sum((one.remaining for one in project.funds if one.source is source), Decimal(0))


def matching_of(project: Project) -> Matching:
    """How far public money may be paid in a project, in view of its own money."""
    return matching(
        project.public_ahead,
        {fund.source: fund.amount for fund in project.funds},
        {fund.source: fund.paid for fund in project.funds},
    )


def voucher_used(session: Session, tranche: Tranche, voucher: str) -> bool:
    """Whether the voucher has already paid from this source in the project."""
    known = select(Payment.id).where(
        Payment.project_id == tranche.project_id,
        Payment.source == tranche.source,
        Payment.voucher == voucher,
        Payment.reversed_at.is_(None),
    )
    return session.scalar(known) is not None


def recorded(session: Session, project_id: UUID, source: FundSource) -> Decimal:
    """Own money of a source that was recorded and not refused, in yuan."""
    total = select(func.coalesce(func.sum(Receipt.amount), 0)).where(
        Receipt.project_id == project_id,
        Receipt.source == source,
        Receipt.state != ReceiptState.REFUSED,
    )
    return Decimal(session.scalar(total) or 0)


def with_unconfirmed(session: Session, project_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the projects in which own money was recorded that nobody has decided about."""
    waits = Receipt.state == ReceiptState.REPORTED
    query = select(Receipt.project_id).where(Receipt.project_id.in_(list(project_ids)), waits)
    return set(session.scalars(query.distinct()))


def document_used(session: Session, project_id: UUID, source: FundSource, document: str) -> bool:
    """Whether a document has already shown money of this source in the project."""
    known = select(Receipt.id).where(
        Receipt.project_id == project_id,
        Receipt.source == source,
        Receipt.document == document,
        Receipt.state != ReceiptState.REFUSED,
    )
    return session.scalar(known) is not None


def received(session: Session, project_id: UUID) -> dict[FundSource, Decimal]:
    """Yuan by source: what was paid of public money, and what was confirmed of the team's own."""
    query = select(ProjectFund.source, ProjectFund.paid).where(ProjectFund.project_id == project_id)
    return {row.source: row.paid for row in session.execute(query)}


def payments_of(session: Session, project_id: UUID) -> Sequence[Payment]:
    """What was paid in a project, in order of time."""
    of_reversal = selectinload(Payment.reversals)
    query = (
        select(Payment)
        .where(Payment.project_id == project_id)
        .options(
            joinedload(Payment.file),
            of_reversal.joinedload(Reversal.proposer),
            of_reversal.joinedload(Reversal.decider),
        )
    )
    return session.scalars(query.order_by(Payment.paid_on, Payment.recorded_at)).all()


def receipts_of(session: Session, project_id: UUID) -> Sequence[Receipt]:
    """Own money that was recorded in a project, in order of time."""
    query = (
        select(Receipt).where(Receipt.project_id == project_id).options(joinedload(Receipt.file))
    )
    return session.scalars(query.order_by(Receipt.received_on, Receipt.recorded_at)).all()


def code_by_tranche(session: Session, tranche_id: UUID) -> str | None:
    """The code of the project to which a tranche belongs."""
    return session.scalar(select(Project.code).join(Tranche).where(Tranche.id == tranche_id))


def code_by_payment(session: Session, payment_id: UUID) -> str | None:
    """The code of the project in which a payment was made."""
    query = select(Project.code).join(Payment, Payment.project_id == Project.id)
    return session.scalar(query.where(Payment.id == payment_id))


def code_by_reversal(session: Session, reversal_id: UUID) -> str | None:
    """The code of the project in which a payment is to be taken back."""
    query = select(Project.code).join(Payment, Payment.project_id == Project.id).join(Reversal)
    return session.scalar(query.where(Reversal.id == reversal_id))


def reversals_to_confirm(session: Session, actor: Actor) -> Sequence[Reversal]:
    """Counter-entries that others of the actor's own office proposed."""
    query = (
        select(Reversal)
        .join(Reversal.payment)
        .join(Project, Project.id == Payment.project_id)
        .join(Challenge, Challenge.id == Project.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(
            Reversal.state == ReversalState.PROPOSED,
            Reversal.proposed_by != actor.user_id,
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
        )
        .options(
            joinedload(Reversal.payment).joinedload(Payment.tranche).joinedload(Tranche.project)
        )
    )
    return session.scalars(query.order_by(Reversal.proposed_at).limit(50)).all()


def code_by_receipt(session: Session, receipt_id: UUID) -> str | None:
    """The code of the project to which a record of own money belongs."""
    return session.scalar(
        select(Project.code)
        .join(Receipt, Receipt.project_id == Project.id)
        .where(Receipt.id == receipt_id)
    )


def document_visible_to(session: Session, actor: Actor, file_id: UUID) -> StoredFile | None:
    """A voucher, or what shows own money, for those who may see the project."""
    for kind in (Payment, Receipt):
        query = select(Project).join(kind, kind.project_id == Project.id)
        project = session.scalars(query.where(kind.file_id == file_id).limit(1)).one_or_none()
        if project is not None and policy.may_see(actor, project):
            return session.get(StoredFile, file_id)
    return None
