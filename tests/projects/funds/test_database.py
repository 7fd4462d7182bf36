"""What raw SQL cannot do to money: twice, early, beyond, ahead of the own, or undone."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core.money import FundSource
from portal.projects.funds.rules import ReceiptState, TrancheState
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project
from tests.factories.awards import officer_of
from tests.factories.money import make_payment, make_receipt, make_reversal
from tests.factories.projects import make_project

PAY = (
    "INSERT INTO payments (id, project_id, tranche_id, source, amount, voucher, paid_on,"
    " recorded_at) VALUES (gen_random_uuid(), :project, :tranche, :source, :amount, :voucher,"
    " current_date, now())"
)


def refused(session: Session, constraint: str, statement: str, **values: Any) -> None:
    """The database refuses the statement by this name."""
    with pytest.raises(IntegrityError) as refusal, session.begin_nested():
        session.execute(text(statement), values)
    assert isinstance(refusal.value.orig, psycopg.Error)
    assert refusal.value.orig.diag.constraint_name == constraint


def facts(project: Project, position: int = 0, **other: Any) -> dict[str, Any]:
    tranche = project.tranches[position]
    usual = {
        "project": project.id,
        "tranche": tranche.id,
        "source": tranche.source.value,
        "amount": tranche.amount,
        "voucher": "V-1",
    }
    return {**usual, **other}


def test_nothing_is_paid_before_its_gate(session: Session) -> None:
    project = make_project()
    refused(session, "ck_payments_at_its_gate", PAY, **facts(project))
    release = "UPDATE tranches SET state = 'due' WHERE id = :id"
    first = project.tranches[0].id
    refused(session, "ck_tranches_due_at_its_gate", release, id=first)
    raw = "UPDATE tranches SET paid = 1 WHERE id = :id"
    refused(session, "ck_tranches_sums_of_payments", raw, id=first)


def test_nothing_is_paid_of_a_blocked_tranche(session: Session) -> None:
    project = make_project()
    project.milestones[0].state = MilestoneState.FAILED
    project.tranches[0].state = TrancheState.BLOCKED
    session.flush()
    refused(session, "ck_payments_at_its_gate", PAY, **facts(project))


def test_nothing_is_paid_twice_or_beyond_its_tranche(session: Session) -> None:
    project = make_project(finished=True)
    first = project.tranches[0]
    more = facts(project, amount=first.amount + 1)
    refused(session, "ck_tranches_paid_within_amount", PAY, **more)
    session.execute(text(PAY), facts(project))
    refused(session, "ck_tranches_paid_within_amount", PAY, **facts(project, voucher="V-2"))
    same_voucher = facts(project, 2, amount=1)
    assert project.tranches[2].source is first.source
    refused(session, "uq_payments_voucher", PAY, **same_voucher)


def test_nothing_is_paid_beyond_or_outside_its_source(session: Session) -> None:
    project = make_project(finished=True)
    first = project.tranches[0]
    less = "UPDATE project_funds SET amount = 1 WHERE project_id = :id AND source = 'city'"
    session.execute(text(less), {"id": project.id})
    refused(session, "ck_project_funds_paid_within_amount", PAY, **facts(project))
    other = next(one.source.value for one in project.funds if one.source is not first.source)
    refused(session, "fk_payments_tranche", PAY, **facts(project, source=other))
    sums = "UPDATE project_funds SET paid = 1 WHERE project_id = :id"
    refused(session, "ck_project_funds_sums_of_payments", sums, id=project.id)


def test_nothing_is_paid_ahead_of_own_money(session: Session) -> None:
    project = make_project(finished=True, public_ahead=0)
    refused(session, "ck_payments_after_own_money", PAY, **facts(project))
    own = next(one for one in project.funds if one.source is FundSource.ENTERPRISE)
    make_receipt(project, confirmed=True, amount=own.amount)
    session.execute(text(PAY), facts(project))


def test_what_was_paid_and_received_is_kept(session: Session) -> None:
    project = make_project(finished=True)
    make_payment(project.tranches[0])
    make_receipt(project, confirmed=True)
    for statement in (
        "UPDATE payments SET amount = 1",
        "DELETE FROM payments",
        "UPDATE receipts_of_own_money SET amount = 1",
        "UPDATE receipts_of_own_money SET state = 'refused'",
        "DELETE FROM receipts_of_own_money",
    ):
        refused(session, "ck_money_kept", statement)


def test_a_payment_is_taken_back_by_two_once_and_only_by_a_counter_entry(session: Session) -> None:
    project = make_project(finished=True)
    tranche = project.tranches[0]
    payment = make_payment(tranche)
    reversal = make_reversal(payment)
    raw = "UPDATE payments SET reversed_at = now() WHERE id = :id"
    refused(session, "ck_money_kept", raw, id=payment.id)
    confirm = (
        "UPDATE payment_reversals SET state = 'confirmed', decided_at = now(), decided_by = :by"
        " WHERE id = :id"
    )
    alone = {"id": reversal.id, "by": reversal.proposed_by}
    refused(session, "ck_payment_reversals_confirmed_by_another", confirm, **alone)
    second = {"id": reversal.id, "by": officer_of(project.challenge).user_id}
    settled = "UPDATE projects SET state = 'terminated' WHERE id = :id"
    with session.begin_nested() as undone:
        session.execute(text(settled), {"id": project.id})
        refused(session, "ck_payment_reversals_before_settlement", confirm, **second)
        undone.rollback()
    session.execute(text(confirm), second)
    session.refresh(tranche, ["paid"])
    assert tranche.paid == 0
    for statement in (
        "UPDATE payment_reversals SET state = 'dropped'",
        "DELETE FROM payment_reversals",
        "UPDATE payments SET reversed_at = NULL",
    ):
        refused(session, "ck_money_kept", statement)
    again = (
        "INSERT INTO payment_reversals (id, payment_id, state, reason, proposed_by, proposed_at,"
    )
    again += " answer) SELECT gen_random_uuid(), payment_id, 'proposed', reason, proposed_by,"
    again += " proposed_at, '' FROM payment_reversals"
    refused(session, "uq_payment_reversals_payment", again)


def test_own_money_counts_by_its_state_and_from_its_source(session: Session) -> None:
    project = make_project()
    receipt = make_receipt(project)
    fund = next(one for one in project.funds if one.source is FundSource.ENTERPRISE)
    assert fund.paid == 0
    nobody = "UPDATE receipts_of_own_money SET state = 'confirmed' WHERE id = :id"
    refused(session, "ck_receipts_of_own_money_decided_has_its_date", nobody, id=receipt.id)
    himself = (
        "UPDATE receipts_of_own_money SET state = 'confirmed', decided_at = now(),"
        " decided_by = recorded_by WHERE id = :id"
    )
    refused(session, "ck_receipts_of_own_money_confirmed_by_another", himself, id=receipt.id)
    make_receipt(project, state=ReceiptState.REFUSED, decided_at=project.started_at)
    beyond = make_receipt(project, amount=fund.amount + 1)
    confirm = (
        "UPDATE receipts_of_own_money SET state = 'confirmed', decided_at = now() WHERE id = :id"
    )
    refused(session, "ck_project_funds_paid_within_amount", confirm, id=beyond.id)
    session.execute(text(confirm), {"id": receipt.id})
    session.refresh(fund)
    assert fund.paid == receipt.amount


def test_a_sum_begins_at_nothing(session: Session) -> None:
    project = make_project()
    first = project.tranches[0].id
    copy = (
        "INSERT INTO tranches (id, project_id, milestone_id, position, source, amount, state, paid)"
        " SELECT gen_random_uuid(), project_id, milestone_id, 99, source, amount, 'blocked', 1"
        " FROM tranches WHERE id = :id"
    )
    refused(session, "ck_tranches_sums_of_payments", copy, id=first)
