"""Tranches are paid at their gate, in parts, never beyond; own money counts once it is confirmed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Role
from portal.core.errors import IllegalMove, Invalid, NotAllowed, NotFound
from portal.core.files import FileStore
from portal.core.money import FundSource
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.projects.boards import tables
from portal.projects.boards.rules import Kind
from portal.projects.funds import ledger, own, queries, reversing, service, todo
from portal.projects.funds.models import Payment, Tranche
from portal.projects.funds.rules import ReceiptState, TrancheState
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from tests.factories.accounts import make_actor
from tests.factories.awards import lead_of, officer_of
from tests.factories.money import incoming, make_payment, voucher
from tests.factories.projects import make_project, report
from tests.refusal import refused

WORDS = "回单上的付款单位与任务书不一致,请补充说明。"


def city(project: Project) -> list[Tranche]:
    return [one for one in project.tranches if one.source is FundSource.CITY]


def paid_from(project: Project, source: FundSource) -> Decimal:
    return next(one.paid for one in project.funds if one.source is source)


def news(session: Session, person_id: object) -> int:
    query = select(func.count()).where(InboxItem.person_id == person_id)
    return session.scalar(query) or 0


def test_a_tranche_is_paid_once_and_counted_at_its_source(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(finished=True)
    officer, lead = officer_of(project.challenge), lead_of(project.bid)
    first, second = city(project)
    pay, whole = service.pay_tranche, first.amount
    refused(NotAllowed, pay, lead, first.id, whole, voucher(), store, now)
    refused(Invalid, pay, officer, first.id, whole, voucher("  "), store, now)
    payment = pay(officer, first.id, whole, voucher(" V-1 "), store, now)
    assert (first.state, first.paid, payment.voucher) == (TrancheState.PAID, whole, "V-1")
    assert first.paid_at == now
    assert payment.file is not None
    assert queries.received(session, project.id)[FundSource.CITY] == whole
    refused(IllegalMove, pay, officer, first.id, whole, voucher("V-2"), store, now)
    refused(Invalid, pay, officer, second.id, second.amount, voucher("V-1"), store, now)
    pay(officer, second.id, second.amount, voucher("V-2"), store, now)
    fund = next(one for one in project.funds if one.source is FundSource.CITY)
    assert fund.remaining == 0
    for _ in range(2):
        service.tell_of_payment(payment.id, now)
    assert news(session, lead.user_id) == 1
    topics = list(session.scalars(select(Event.topic)))
    assert topics == [Topic.TRANCHE_PAID.value] * 2


def test_a_tranche_is_paid_in_parts_but_not_beyond(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(finished=True)
    officer, tranche = officer_of(project.challenge), city(project)[0]
    part = Decimal("0.01")
    service.pay_tranche(officer, tranche.id, part, voucher("V-1"), store, now)
    assert (tranche.state, tranche.left) == (TrancheState.DUE, tranche.amount - part)
    pay, whole = service.pay_tranche, tranche.amount
    refused(Invalid, pay, officer, tranche.id, whole, voucher("V-2"), store, now)
    refused(Invalid, pay, officer, tranche.id, Decimal(0), voucher("V-2"), store, now)
    pay(officer, tranche.id, tranche.left, voucher("V-2"), store, now)
    assert tranche.state is TrancheState.PAID
    assert session.scalar(select(func.sum(Payment.amount))) == whole


def test_a_tranche_that_is_not_due_is_not_paid(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    officer, first = officer_of(project.challenge), project.tranches[0]
    pay = service.pay_tranche
    refused(IllegalMove, pay, officer, first.id, first.amount, voucher(), store, now)
    refused(NotFound, pay, officer, project.id, Decimal(1), voucher(), store, now)
    assert session.scalar(select(Payment.id)) is None


def test_a_voucher_is_of_no_day_to_come(session: Session, now: datetime, store: FileStore) -> None:
    project = make_project(finished=True)
    officer, first = officer_of(project.challenge), project.tranches[0]
    later: date = (now + timedelta(days=2)).date()
    paper = voucher("V-1", later)
    refused(Invalid, service.pay_tranche, officer, first.id, Decimal(1), paper, store, now)
    assert first.paid == 0


def test_gates_open_once_and_the_contract_is_one(session: Session, now: datetime) -> None:
    project = make_project()
    first, *others = project.tranches
    first.milestone_id = None
    officer = officer_of(project.challenge)
    session.commit()
    for _ in range(2):
        service.release_by_contract(project.id, now)
    assert (first.state, first.due_at) == (TrancheState.DUE, now)
    assert {one.state for one in others} == {TrancheState.PLANNED}
    assert news(session, officer.user_id) == 1
    report(project.milestones[0])
    session.commit()
    service.release_tranches(project.milestones[0].id, now)
    assert {one.state for one in others} == {TrancheState.PLANNED}


def test_the_last_tranche_waits_for_the_acceptance(session: Session, now: datetime) -> None:
    project = make_project(finished=True)
    last = project.tranches[-1]
    last.state, last.due_at, last.milestone, last.at_acceptance = (
        TrancheState.PLANNED,
        None,
        None,
        True,
    )
    session.commit()
    service.release_by_contract(project.id, now)
    service.release_by_acceptance(session, project, now)
    early = "UPDATE tranches SET state = 'due' WHERE id = :id"
    with pytest.raises(IntegrityError, match="gate"), session.begin_nested():
        session.execute(text(early), {"id": last.id})
    assert last.state is TrancheState.PLANNED
    project.state, project.accepted_at = ProjectState.ACCEPTED, now
    session.commit()
    for _ in range(2):
        service.release_by_acceptance(session, project, now)
    assert (last.state, last.due_at) == (TrancheState.DUE, now)


def test_a_failed_milestone_blocks_its_tranches(session: Session, now: datetime) -> None:
    project = make_project()
    milestone = project.milestones[0]
    session.commit()
    service.block_tranches(milestone.id, now)
    assert {one.state for one in project.tranches} == {TrancheState.PLANNED}
    milestone.state = MilestoneState.FAILED
    session.commit()
    for _ in range(2):
        service.block_tranches(milestone.id, now)
    blocked = {one.milestone_id for one in project.tranches if one.state is TrancheState.BLOCKED}
    assert blocked == {milestone.id}
    kinds = list(session.scalars(select(Entry.kind)))
    assert kinds == [Action.TRANCHE_BLOCKED.value] * 2


def test_own_money_counts_once_another_has_confirmed_it(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    lead, rival = lead_of(project.bid), make_actor(Role.BIDDER_LEAD)
    officer, source = officer_of(project.challenge), FundSource.ENTERPRISE
    record, half = own.record_own_money, project.funds[-1].amount / 2
    for stranger in (rival, officer):
        refused(NotAllowed, record, stranger, project.id, incoming(half), store, now)
    refused(Invalid, record, lead, project.id, incoming(half * 3), store, now)
    for other in (FundSource.CITY, FundSource.SOCIAL):
        refused(Invalid, record, lead, project.id, incoming(half, other), store, now)
    receipt = record(lead, project.id, incoming(half), store, now)
    assert paid_from(project, source) == 0
    refused(Invalid, record, lead, project.id, incoming(half), store, now)
    refused(NotAllowed, own.confirm_own_money, lead, receipt.id, now)
    own.confirm_own_money(officer, receipt.id, now)
    session.expire_all()
    assert paid_from(project, source) == half
    refused(IllegalMove, own.confirm_own_money, officer, receipt.id, now)
    refused(IllegalMove, own.refuse_own_money, officer, receipt.id, WORDS, now)
    record(lead, project.id, incoming(half, document="S-2"), store, now)
    refused(Invalid, record, lead, project.id, incoming(Decimal(1), document="S-3"), store, now)


def test_own_money_that_is_not_confirmed_may_be_shown_again(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    receipt = own.record_own_money(lead, project.id, incoming(Decimal(100)), store, now)
    refused(NotAllowed, own.refuse_own_money, lead, receipt.id, WORDS, now)
    refused(Invalid, own.refuse_own_money, officer, receipt.id, "不行", now)
    own.refuse_own_money(officer, receipt.id, WORDS, now)
    assert (receipt.state, receipt.answer) == (ReceiptState.REFUSED, WORDS)
    assert paid_from(project, FundSource.ENTERPRISE) == 0
    again = own.record_own_money(lead, project.id, incoming(Decimal(100)), store, now)
    assert again.id != receipt.id


def test_public_money_waits_for_the_teams_own(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(finished=True, public_ahead=0)
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    tranche, pay = city(project)[0], service.pay_tranche
    refused(Invalid, pay, officer, tranche.id, tranche.amount, voucher(), store, now)
    whole = next(one.amount for one in project.funds if one.source is FundSource.ENTERPRISE)
    receipt = own.record_own_money(lead, project.id, incoming(whole / 2), store, now)
    refused(Invalid, pay, officer, tranche.id, Decimal(1), voucher(), store, now)
    own.confirm_own_money(officer, receipt.id, now)
    payable = queries.matching_of(project).payable
    public = sum(one.amount for one in project.tranches)
    assert payable == public / 2
    pay(officer, tranche.id, min(payable, tranche.amount), voucher(), store, now)


def test_nothing_new_is_recorded_in_an_accepted_project(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(accepted=True)
    lead = lead_of(project.bid)
    record = own.record_own_money
    refused(IllegalMove, record, lead, project.id, incoming(Decimal(1)), store, now)


WRONG = "录入时误选拨款批次,应计入下一批次,现申请红字冲销。"


def test_a_wrong_payment_is_taken_back_by_two_and_entered_right(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(finished=True)
    officer, second = officer_of(project.challenge), officer_of(project.challenge)
    first, other = city(project)[:2]
    session.commit()
    pay = service.pay_tranche
    payment = pay(officer, first.id, first.amount, voucher(), store, now)
    refused(NotAllowed, reversing.propose, lead_of(project.bid), payment.id, WRONG, now)
    refused(Invalid, reversing.propose, officer, payment.id, "错了", now)
    reversal = reversing.propose(officer, payment.id, WRONG, now)
    assert [item.endpoint for item in todo.open_items(session, second, now)] == ["funds.money"]
    assert todo.open_items(session, officer, now) == []
    refused(IllegalMove, reversing.propose, second, payment.id, WRONG, now)
    refused(NotAllowed, reversing.confirm, officer, reversal.id, now)
    assert paid_from(project, FundSource.CITY) == first.amount
    reversing.confirm(second, reversal.id, now)
    refused(IllegalMove, reversing.confirm, second, reversal.id, now)
    refused(IllegalMove, reversing.propose, officer, payment.id, WRONG, now)
    session.expire_all()
    assert (first.state, first.paid_at) == (TrancheState.DUE, None)
    assert first.paid == 0
    assert paid_from(project, FundSource.CITY) == 0
    assert payment.reversed_at == now
    pay(officer, other.id, other.amount, voucher(), store, now)  # the same voucher, entered right
    session.expire_all()
    paid = queries.payments_of(session, project.id)
    lines = [
        (line.event, line.amount, line.left)
        for line in ledger.by_time(project, paid, [])
        if line.document
    ]
    whole = next(one.amount for one in project.funds if one.source is FundSource.CITY)
    assert sorted(lines, key=lambda line: line[0].value) == [
        (ledger.Event.PAID, first.amount, whole - first.amount),
        (ledger.Event.PAID, other.amount, whole - first.amount - other.amount),
        (ledger.Event.REVERSED, -first.amount, whole - other.amount),
    ]
    board = tables.money(Kind.PAID)
    assert session.scalar(select(func.sum(board.c.amount))) == other.amount


def test_a_counter_entry_is_dropped_and_none_is_made_after_a_settlement(
    session: Session, now: datetime
) -> None:
    project = make_project(finished=True)
    officer, second = officer_of(project.challenge), officer_of(project.challenge)
    payment = make_payment(project.tranches[0])
    session.commit()
    reversal = reversing.propose(officer, payment.id, WRONG, now)
    refused(Invalid, reversing.drop, second, reversal.id, "不行", now)
    reversing.drop(second, reversal.id, "经核对银行回单,该笔拨付的批次与金额无误。", now)
    again = reversing.propose(officer, payment.id, WRONG, now)
    project.state = ProjectState.TERMINATED
    session.commit()
    refused(IllegalMove, reversing.confirm, second, again.id, now)
    assert payment.reversed_at is None
