"""Suspension, early endings, what they cancel and claim back."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.errors import IllegalMove, Invalid, NotAllowed
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.workdays import PLACE
from portal.integrity.models import IntegrityRecord
from portal.integrity.rules import RecordState
from portal.projects.acceptance.rules import AcceptanceState, Conclusion
from portal.projects.endings import rules, service, suspending, todo
from portal.projects.endings.rules import Cause, ClaimState, EndingKind
from portal.projects.endings.service import Returned, Settlement
from portal.projects.funds.rules import TrancheState
from portal.projects.rules import ProjectState
from tests.factories.acceptances import make_acceptance
from tests.factories.awards import lead_of, officer_of
from tests.factories.bids import PDF
from tests.factories.changes import WORDS, make_ending
from tests.factories.money import make_payment
from tests.factories.projects import make_project

CITY = FundSource.CITY


def test_a_suspended_project_goes_on_only_with_a_reason(session: Session, now: datetime) -> None:
    project = make_project()
    officer = officer_of(project.challenge)
    session.commit()
    with pytest.raises(NotAllowed):
        suspending.suspend(lead_of(project.bid), project.id, WORDS, now)
    suspending.suspend(officer, project.id, WORDS, now)
    assert project.state is ProjectState.SUSPENDED
    with pytest.raises(IllegalMove):
        suspending.suspend(officer, project.id, WORDS, now)
    with pytest.raises(Invalid):
        suspending.resume(officer, project.id, "短", now)
    suspending.resume(officer, project.id, WORDS, now)
    assert project.state is ProjectState.ACTIVE


def test_a_termination_cancels_what_was_not_paid_and_is_settled_once(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project(finished=True)
    officer = officer_of(project.challenge)
    paid = next(one for one in project.tranches if one.source is CITY)
    project.public_ahead = 100
    session.flush()
    make_payment(paid)
    paid.state, paid.paid_at = TrancheState.PAID, now
    session.commit()
    day = (now + timedelta(days=30)).astimezone(PLACE).date()
    back = {CITY: Decimal(1000)}
    told = Settlement(EndingKind.TERMINATION, Cause.MONEY, WORDS, back, {}, day)
    ending = service.end_project(officer, project.id, told, None, store, now)
    assert (ending.paid, ending.kept) == (paid.amount, paid.amount - 1000)
    for _ in range(2):
        service.settle(project.id, now)
    session.refresh(project)
    states = {one.state for one in project.tranches}
    assert states == {TrancheState.PAID, TrancheState.CANCELLED}
    assert session.scalar(select(func.count(IntegrityRecord.id))) == 0


def test_a_revocation_claims_all_and_charges_the_lead_who_is_heard_first(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project()
    officer = officer_of(project.challenge)
    session.commit()
    honest = Settlement(EndingKind.REVOCATION, Cause.HONEST_FAILURE, WORDS)
    with pytest.raises(Invalid):
        service.end_project(officer, project.id, honest, None, store, now)
    told = Settlement(EndingKind.REVOCATION, Cause.BREACH, WORDS, charged=True)
    service.end_project(officer, project.id, told, None, store, now)
    record = session.scalars(select(IntegrityRecord)).one()
    assert project.state is ProjectState.REVOKED
    assert (record.organisation_id, record.state) == (project.lead_id, RecordState.HEARING)


def test_an_honest_failure_is_never_charged() -> None:
    for cause in set(Cause) - rules.CHARGED:
        with pytest.raises(Invalid):
            rules.require_charge(cause, charged=True)
    paid = {CITY: Decimal(100)}
    rules.require_claims(EndingKind.TERMINATION, paid, {})
    with pytest.raises(Invalid):
        rules.require_claims(EndingKind.REVOCATION, paid, {CITY: Decimal(99)})
    with pytest.raises(Invalid):
        rules.require_claims(EndingKind.TERMINATION, paid, {CITY: Decimal(101)})


def test_a_claim_is_followed_to_its_last_cent(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project()
    claim, officer = make_ending(project).claims[0], officer_of(project.challenge)
    session.commit()
    today = now.astimezone(PLACE).date()

    def come(amount: int, document: str) -> None:
        file = Upload(BytesIO(PDF), "回单.pdf")
        service.receive(
            officer, claim.id, Returned(Decimal(amount), document, today, file), store, now
        )

    for amount, document in ((60_000, "H-2"), (10_000, "H-1")):
        with pytest.raises(Invalid):
            come(amount, document)
    come(20_000, "H-2")
    assert (claim.state, claim.left) == (ClaimState.OPEN, Decimal(30_000))
    come(30_000, "H-3")
    assert claim.state is ClaimState.SETTLED
    with pytest.raises(IllegalMove):
        come(1, "H-4")


def test_a_failed_project_is_paid_nothing_more_and_settled_once(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project(finished=True)
    officer, settle = officer_of(project.challenge), service.settle_failure
    paid = next(one for one in project.tranches if one.source is CITY)
    make_payment(paid)
    paid.state, paid.paid_at, sum_ = TrancheState.PAID, now, paid.amount
    day = (now + timedelta(days=30)).astimezone(PLACE).date()
    told = Settlement(EndingKind.FAILURE, Cause.MONEY, WORDS, {CITY: sum_ - 8}, {}, day)
    session.commit()
    with pytest.raises(IllegalMove):
        settle(officer, project.id, told, None, store, now)
    acceptance = make_acceptance(
        project, joint=Conclusion.FAIL, state=AcceptanceState.FAILED, concluded_at=now
    )
    project.state = ProjectState.FAILED
    line = next(one for one in acceptance.lines if one.source is CITY)
    line.received, line.spent = sum_, sum_ - 7
    session.commit()
    for _ in range(2):
        service.settle(project.id, now)
    states = {one.state for one in project.tranches}
    assert states == {TrancheState.PAID, TrancheState.CANCELLED}
    assert [one.endpoint for one in todo.open_items(session, officer, now)] == ["endings.shown"]
    with pytest.raises(NotAllowed):
        settle(lead_of(project.bid), project.id, told, None, store, now)
    more = replace(told, principal={CITY: sum_ - 6})  # the surplus of 7 goes back by the account
    with pytest.raises(Invalid):
        settle(officer, project.id, more, None, store, now)
    ending = settle(officer, project.id, told, None, store, now)
    assert (ending.paid, ending.kept) == (sum_ - 7, Decimal(1))
    assert todo.open_items(session, officer, now) == []
    with pytest.raises(IllegalMove):
        settle(officer, project.id, told, None, store, now)
    assert project.state is ProjectState.FAILED
