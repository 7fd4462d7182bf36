"""Two officers at once: one tranche is paid once, whoever comes first."""

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.errors import DomainError, IllegalMove
from portal.core.money import FundSource
from portal.projects.funds import service as fund_service
from portal.projects.funds.rules import TrancheState
from portal.projects.models import Project
from portal.projects.registry import service as registry_service
from portal.projects.registry.models import RegistryEntry
from tests.factories.awards import officer_of
from tests.factories.projects import make_project


def at_once(app: Flask, *acts: Callable[[], None]) -> list[DomainError | None]:
    """Run acts at the same moment, each on a connection of its own."""
    start, outcomes = Barrier(len(acts)), list[DomainError | None]()

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            start.wait(timeout=10)
            try:
                act()
            except DomainError as error:
                outcomes.append(error)
            else:
                outcomes.append(None)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def payment(actor: Actor, tranche_id: UUID, voucher: str, now: datetime) -> Callable[[], None]:
    return lambda: fund_service.pay_tranche(actor, tranche_id, voucher, now)


def city(project: Project) -> list[UUID]:
    return [one.id for one in project.tranches if one.source is FundSource.CITY]


def test_one_tranche_is_paid_once(app: Flask, session: Session, now: datetime) -> None:
    project = make_project(finished=True)
    officers = [officer_of(project.challenge) for _ in range(2)]
    first = city(project)[0]
    session.commit()
    acts = [payment(who, first, f"V-{place}", now) for place, who in enumerate(officers)]
    outcomes = at_once(app, *acts)
    assert len([one for one in outcomes if one is None]) == 1
    assert [type(one) for one in outcomes if one is not None] == [IllegalMove]
    session.expire_all()
    fund = next(one for one in project.funds if one.source is FundSource.CITY)
    paid = [one for one in project.tranches if one.state is TrancheState.PAID]
    assert [one.id for one in paid] == [first]
    assert fund.paid == paid[0].amount


def test_two_tranches_of_one_source_add_up(app: Flask, session: Session, now: datetime) -> None:
    project = make_project(finished=True)
    officer = officer_of(project.challenge)
    tranches = city(project)
    session.commit()
    acts = [payment(officer, one, f"V-{place}", now) for place, one in enumerate(tranches)]
    assert at_once(app, *acts) == [None, None]
    session.expire_all()
    fund = next(one for one in project.funds if one.source is FundSource.CITY)
    assert fund.paid == fund.amount


def test_a_project_enters_the_registry_once(app: Flask, session: Session, now: datetime) -> None:
    project_id = make_project(accepted=True).id
    session.commit()

    def enter() -> None:
        registry_service.enter_registry(project_id, now)

    assert at_once(app, enter, enter) == [None, None]
    assert session.scalar(select(func.count()).select_from(RegistryEntry)) == 1
