"""Fifty at once: what is paid adds up, and not a cent more, whoever comes first."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import IllegalMove, Invalid
from portal.core.files import FileStore
from portal.core.money import FundSource
from portal.projects.funds import own, service
from portal.projects.funds.models import Payment, Tranche
from portal.projects.funds.rules import TrancheState
from portal.projects.models import Project
from tests.factories.awards import officer_of
from tests.factories.money import make_receipt, voucher
from tests.factories.projects import make_project
from tests.projects.funds.test_database import PAY, facts
from tests.projects.test_concurrency import at_once

FIFTY = 50


def city(project: Project) -> list[Tranche]:
    return [one for one in project.tranches if one.source is FundSource.CITY]


@pytest.fixture
def payment(store: FileStore, now: datetime) -> Callable[..., Callable[[], None]]:
    def act(actor: Actor, tranche_id: UUID, amount: Decimal, number: int) -> Callable[[], None]:
        paper = voucher(f"V-{number}")
        return lambda: service.pay_tranche(actor, tranche_id, amount, paper, store, now) and None

    return act


def test_of_fifty_payments_at_once_as_many_are_taken_as_there_is_money_for(
    app: Flask, session: Session, payment: Callable[..., Callable[[], None]]
) -> None:
    project = make_project(finished=True)
    officer, first = officer_of(project.challenge), city(project)[0]
    tenth = (first.amount / 10).quantize(Decimal("0.01"))
    assert tenth * 10 == first.amount
    session.commit()
    outcomes = at_once(app, *(payment(officer, first.id, tenth, n) for n in range(FIFTY)))
    assert len(outcomes) == FIFTY
    refusals = [one for one in outcomes if one is not None]
    assert len(refusals) == FIFTY - 10
    assert {type(one) for one in refusals} <= {IllegalMove, Invalid}
    session.expire_all()
    assert (first.state, first.paid) == (TrancheState.PAID, first.amount)
    assert session.scalar(select(func.sum(Payment.amount))) == first.amount
    fund = next(one for one in project.funds if one.source is FundSource.CITY)
    assert fund.paid == first.amount


def test_two_tranches_of_one_source_add_up(
    app: Flask, session: Session, payment: Callable[..., Callable[[], None]]
) -> None:
    project = make_project(finished=True)
    officer, tranches = officer_of(project.challenge), city(project)
    session.commit()
    acts = [payment(officer, one.id, one.amount, n) for n, one in enumerate(tranches)]
    assert at_once(app, *acts) == [None, None]
    session.expire_all()
    fund = next(one for one in project.funds if one.source is FundSource.CITY)
    assert fund.paid == fund.amount


def test_raw_payments_at_once_do_not_slip_past_the_database(app: Flask, session: Session) -> None:
    project = make_project(finished=True)
    rows = [facts(project, voucher=f"V-{number}") for number in range(8)]
    session.commit()
    taken: list[int] = []

    def pay(row: dict[str, object]) -> None:
        try:
            db.session.execute(text(PAY), row)
            db.session.commit()
            taken.append(1)
        except IntegrityError:
            db.session.rollback()

    at_once(app, *((lambda row=row: pay(row)) for row in rows))
    session.expire_all()
    assert len(taken) == 1
    assert project.tranches[0].paid == project.tranches[0].amount


def test_own_money_is_confirmed_once(app: Flask, session: Session, now: datetime) -> None:
    project = make_project()
    receipt = make_receipt(project)
    receipt_id = receipt.id
    officers = [officer_of(project.challenge) for _ in range(2)]
    session.commit()

    def confirm(who: Actor) -> Callable[[], None]:
        return lambda: own.confirm_own_money(who, receipt_id, now)

    outcomes = at_once(app, *(confirm(who) for who in officers))
    assert [type(one) for one in outcomes if one is not None] == [IllegalMove]
    session.expire_all()
    fund = next(one for one in project.funds if one.source is FundSource.ENTERPRISE)
    assert fund.paid == receipt.amount
