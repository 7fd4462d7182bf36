"""Opening the gates of tranches, paying them, and telling of it."""

from collections.abc import Sequence
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
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, NotFound
from portal.core.files import FileStore, Upload
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.funds import queries, rules
from portal.projects.funds.models import Payment, Tranche
from portal.projects.funds.rules import TRANCHE_MOVES, TrancheState
from portal.projects.milestones import queries as milestone_queries
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project
from portal.projects.news import tell
from portal.projects.rules import ProjectState


@dataclass(frozen=True)
class Voucher:
    """What shows that money was paid: its number, its day, and the file."""

    number: str
    day: date | None
    file: Upload | None


def release_tranches(milestone_id: UUID, now: datetime) -> None:
    """Make the tranches of an accepted milestone due; those that are so already stay."""
    with transaction() as session:
        project, milestone = milestone_queries.lock_by_milestone(session, milestone_id)
        if milestone.state is MilestoneState.ACCEPTED:
            _release(session, project, _waiting(project, milestone.id), f"{milestone.id}", now)


def release_by_contract(project_id: UUID, now: datetime) -> None:
    """Make the tranches due for which the contract is the gate; those that are so already stay."""
    with transaction() as session:
        project = project_queries.lock(session, project_id)
        if project.state is ProjectState.ACTIVE:
            _release(session, project, _waiting(project, None), "contract", now)


def release_by_acceptance(session: Session, project: Project, now: datetime) -> None:
    """Make the tranches due for which the acceptance is the gate; those that are so already stay.

    In the caller's transaction, which holds the project.
    """
    if project.state is ProjectState.ACCEPTED:
        last = [one for one in project.tranches if one.at_acceptance]
        opened = [one for one in last if one.state is TrancheState.PLANNED]
        _release(session, project, opened, "acceptance", now)


def _release(
    session: Session, project: Project, opened: Sequence[Tranche], gate: str, now: datetime
) -> None:
    for tranche in opened:
        TRANCHE_MOVES.move(tranche, "release")
        tranche.due_at = now
        audit.record(session, SYSTEM, Action.TRANCHE_RELEASED, tranche.subject_ref, now)
    if opened:
        subject = N_("A tranche of “%(title)s” is due for payment.")
        office = challenge_queries.managers(session, project.challenge)
        tell(session, office, project, f"due:{gate}", subject)


def block_tranches(milestone_id: UUID, now: datetime) -> None:
    """Block the tranches of a milestone that has failed; those that are so already stay."""
    with transaction() as session:
        project, milestone = milestone_queries.lock_by_milestone(session, milestone_id)
        if milestone.state not in (MilestoneState.FAILED, MilestoneState.PASSED_OVER):
            return
        for tranche in _waiting(project, milestone.id):
            TRANCHE_MOVES.move(tranche, "block")
            audit.record(session, SYSTEM, Action.TRANCHE_BLOCKED, tranche.subject_ref, now)


def _waiting(project: Project, gate: UUID | None) -> Sequence[Tranche]:
    own = [one for one in project.tranches if one.milestone_id == gate and not one.at_acceptance]
    return [tranche for tranche in own if tranche.state is TrancheState.PLANNED]


def pay_tranche(
    actor: Actor,
    tranche_id: UUID,
    amount: Decimal,
    voucher: Voucher,
    store: FileStore,
    now: datetime,
) -> Payment:
    """Record a payment of `amount` yuan from a due tranche, the whole of it or a part.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        project, tranche = queries.lock_by_tranche(session, tranche_id)
        policy.may_manage(actor, project).enforce()
        rules.require_payable_project(project.state)
        TRANCHE_MOVES.after(tranche.state, "pay")
        number, day = _checked(session, tranche, voucher, now)
        left = queries.left_at_source(project, tranche.source)
        rules.require_payment(amount, tranche.left, left, queries.matching_of(project))
        payment = Payment(
            tranche=tranche,
            project_id=project.id,
            source=tranche.source,
            amount=amount,
            voucher=number,
            paid_on=day,
            file=files.save(session, store, voucher.file, actor.user_id, field="file")
            if voucher.file
            else None,
            recorded_by=actor.user_id,
            recorded_at=now,
        )
        session.add(payment)
        _settle(session, project, tranche, now)
        facts = {"source": tranche.source, "amount": amount, "voucher": number, "paid_on": day}
        ref, digest = tranche.subject_ref, payment.file.sha256 if payment.file else ""
        audit.record(session, actor, Action.TRANCHE_PAID, ref, now, file=digest, **facts)
        announce(session, Topic.TRANCHE_PAID, payment_id=payment.id)
    return payment


def _checked(
    session: Session, tranche: Tranche, voucher: Voucher, now: datetime
) -> tuple[str, date]:
    """The voucher's number and day. Raises Invalid."""
    number, today = voucher.number.strip(), now.astimezone(PLACE).date()
    rules.require_voucher(number, voucher.day, today, voucher.file is not None)
    if queries.voucher_used(session, tranche, number):
        raise Invalid("voucher", "This voucher has paid already.")
    return number, voucher.day or today


def _settle(session: Session, project: Project, tranche: Tranche, now: datetime) -> None:
    """The database has summed up; a tranche of which nothing is left is paid."""
    session.flush()
    session.refresh(tranche, ["paid"])
    for fund in project.funds:
        session.refresh(fund, ["paid"])
    if not tranche.left:
        TRANCHE_MOVES.move(tranche, "pay")
        tranche.paid_at = now


def tell_of_payment(payment_id: UUID, now: datetime) -> None:
    """Tell the team that something was paid."""
    with transaction() as session:
        payment = session.get(Payment, payment_id)
        if payment is None:
            raise NotFound
        subject, project = N_("A tranche of “%(title)s” was paid (%(voucher)s)."), None
        project = payment.tranche.project
        team = bid_queries.team_people(session, project.bid)
        tell(session, team, project, f"paid:{payment.id}", subject, voucher=payment.voucher)
