"""From the award to the registry: each step, its refusals, its traces, and twice without harm."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import PUBLIC_SOURCES
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.projects import rules, service
from portal.projects.acceptance import service as acceptance_service
from portal.projects.acceptance.rules import Measurement, Verdict
from portal.projects.funds import service as fund_service
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones import deciding
from portal.projects.milestones import service as milestone_service
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import Project
from portal.projects.registry import service as registry_service
from portal.projects.registry.models import RegistryEntry
from tests.factories.accounts import make_actor
from tests.factories.awards import bids_of, lead_of, make_notice, officer_of
from tests.factories.bids import PDF
from tests.factories.projects import make_project
from tests.refusal import refused

WORDS = "样机完成集成,经第三方检测机构现场测试合格。"
HOW = "第三方检测机构于首钢园现场连续测试七十二小时。"


def pdf(name: str = "检测报告.pdf") -> Upload:
    return Upload(BytesIO(PDF), name)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def topics(session: Session) -> list[str]:
    return list(session.scalars(select(Event.topic).order_by(Event.id)))


def news(session: Session, person_id: object) -> int:
    query = select(func.count()).where(InboxItem.person_id == person_id)
    return session.scalar(query) or 0


def test_each_winner_gets_one_project_however_often_the_task_runs(
    session: Session, now: datetime
) -> None:
    notice = make_notice(confirmed=True, winners=2)
    first, second, *_ = bids_of(notice.challenge)
    session.commit()
    for _ in range(2):
        service.start_projects(notice.id, now)
    projects = session.scalars(select(Project).order_by(Project.code)).all()
    assert [project.bid_id for project in projects] == [first.id, second.id]
    assert kinds(session) == [Action.PROJECT_STARTED.value] * 2
    assert news(session, first.started_by) == 1


def test_a_notice_that_is_not_confirmed_makes_no_project(session: Session, now: datetime) -> None:
    notice = make_notice(published=True)
    session.commit()
    service.start_projects(notice.id, now)
    assert session.scalar(select(Project.id)) is None


def test_the_contract_is_the_winning_bid(session: Session) -> None:
    project = make_project()
    terms = project.version.terms
    assert project.title == terms.title
    assert project.partners == [project.bid.partners[0].organisation.name]
    promised = {promise.indicator_id: promise.value for promise in terms.promises}
    for row in project.indicators:
        assert row.promised_value == promised[row.indicator_id]
    assert {fund.source: fund.amount for fund in project.funds} == {
        line.source: line.amount for line in terms.budget
    }
    for fund in project.funds:
        tranches = [one.amount for one in project.tranches if one.source is fund.source]
        assert sum(tranches) == (fund.amount if fund.source in PUBLIC_SOURCES else 0)
    due = [milestone.due_at for milestone in project.milestones]
    assert due == [rules.months_after(project.started_at, row.month) for row in terms.milestones]
    assert project.ends_at == due[-1]


def test_the_lead_reports_in_order_with_evidence(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    first, second = project.milestones
    lead = lead_of(project.bid)
    officer, rival = officer_of(project.challenge), make_actor(Role.BIDDER_LEAD)
    report = milestone_service.report_milestone
    for stranger in (rival, officer):
        refused(NotAllowed, report, stranger, first.id, WORDS, [pdf()], store, now)
    refused(IllegalMove, report, lead, second.id, WORDS, [pdf()], store, now)
    for said, files in (("短", [pdf()]), (WORDS, []), (WORDS, [Upload(BytesIO(b"x"), "a.exe")])):
        refused(Invalid, report, lead, first.id, said, files, store, now)
    report(lead, first.id, WORDS, [pdf("../../一.pdf"), pdf("二.pdf")], store, now)
    assert first.state is MilestoneState.REPORTED
    assert [row.file.name for row in first.evidence] == ["一.pdf", "二.pdf"]
    assert topics(session) == [Topic.MILESTONE_REPORTED.value]
    for _ in range(2):
        milestone_service.tell_of_report(first.id, now)
    assert news(session, officer.user_id) == 1
    refused(IllegalMove, report, lead, first.id, WORDS, [pdf()], store, now)
    report(lead, second.id, WORDS, [pdf()], store, now)


def test_milestones_are_accepted_in_order_and_release_their_tranches_once(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(reported=True)
    first, second = project.milestones
    officer, lead = officer_of(project.challenge), lead_of(project.bid)
    milestone_service.report_milestone(lead, second.id, WORDS, [pdf()], store, now)
    refused(IllegalMove, deciding.accept_milestone, officer, second.id, "", now)
    refused(NotAllowed, deciding.accept_milestone, lead, first.id, "", now)
    fund_service.release_tranches(first.id, now)
    assert {tranche.state for tranche in project.tranches} == {TrancheState.PLANNED}
    deciding.accept_milestone(officer, first.id, "同意", now)
    before = news(session, officer.user_id)
    for _ in range(2):
        fund_service.release_tranches(first.id, now)
    due = {tranche.milestone_id for tranche in project.tranches if tranche.state == "due"}
    assert due == {first.id}
    assert news(session, officer.user_id) == before + 1
    assert kinds(session).count(Action.TRANCHE_RELEASED.value) == 2
    refused(IllegalMove, deciding.accept_milestone, officer, first.id, "", now)


def told(value: Decimal | None, how: str = HOW, verdict: Verdict | None = None) -> Measurement:
    return Measurement(value, verdict, how, "示例检测中心", date(2026, 11, 2))


def test_an_indicator_is_compared_with_its_promise(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    row = project.indicators[0]
    officer, lead = officer_of(project.challenge), lead_of(project.bid)
    measure, value = acceptance_service.measure, row.promised.value
    assert value is not None
    right = told(value)
    refused(NotAllowed, measure, lead, project.id, row.id, right, pdf(), store, now)
    refused(NotFound, measure, officer, project.id, project.id, right, pdf(), store, now)
    for wrong in ((told(None, HOW, Verdict.MET), pdf()), (told(value, ""), pdf()), (right, None)):
        refused(InvalidInput, measure, officer, project.id, row.id, *wrong, store, now)
    no_file = Upload(BytesIO(b"no"), "a.pdf")
    refused(Invalid, measure, officer, project.id, row.id, right, no_file, store, now)
    measure(officer, project.id, row.id, told(value - 1, HOW, Verdict.MET), pdf(), store, now)
    assert row.met is False
    measure(officer, project.id, row.id, told(value, HOW, Verdict.NOT_MET), None, store, now)
    assert (row.met, row.verdict, row.tester) == (True, Verdict.MET, "示例检测中心")
    assert row.evidence is not None
    assert kinds(session) == [Action.INDICATOR_MEASURED.value] * 2
    assert news(session, lead.user_id) == 1


def test_nothing_in_an_accepted_project_changes(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(accepted=True)
    officer = officer_of(project.challenge)
    row = project.indicators[0]
    facts = (told(row.promised.value), pdf())
    refused(
        IllegalMove, acceptance_service.measure, officer, project.id, row.id, *facts, store, now
    )
    until = now + timedelta(days=1)
    refused(
        IllegalMove, deciding.ask_for_rework, officer, project.milestones[0].id, WORDS, until, now
    )


def test_the_registry_freezes_an_accepted_project_once(session: Session, now: datetime) -> None:
    first, second = make_project(accepted=True), make_project(accepted=True)
    running = make_project()
    session.commit()
    for project in (first, first, second, running):
        registry_service.enter_registry(project.id, now)
    entries = session.scalars(select(RegistryEntry).order_by(RegistryEntry.number)).all()
    assert [(one.number, one.project_id) for one in entries] == [(1, first.id), (2, second.id)]
    kept = entries[0].snapshot
    assert kept["problem"] == first.challenge.background
    assert kept["effect"] == first.effect
    assert [row["met"] for row in kept["indicators"]] == [True, True]
    assert kept["funds"][0]["amount"] == str(first.funds[0].amount)
    assert news(session, first.bid.started_by) == 1
    first.title = "改名"
    session.commit()
    session.refresh(entries[0])
    assert entries[0].snapshot["title"] != "改名"
