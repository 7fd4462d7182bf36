"""Reports with values and drafts, visits, opinions, rework, failure, and what the clock says."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.core.access import Actor
from portal.core.errors import IllegalMove, Invalid, NotAllowed, NotFound, Overtaken
from portal.core.files import FileStore, Upload
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.projects.funds import chasing as fund_chasing
from portal.projects.milestones import chasing, deciding, opinions, service, visiting
from portal.projects.milestones.models import Milestone, MilestoneOpinion
from portal.projects.milestones.reporting import Shown
from portal.projects.milestones.rules import MilestoneState, OpinionState, Verdict
from portal.projects.milestones.visiting import Seen
from portal.reviews.pool.models import Reviewer
from tests.factories.awards import lead_of, officer_of
from tests.factories.bids import PDF
from tests.factories.milestones import make_milestone_opinion
from tests.factories.money import DAY
from tests.factories.projects import make_project, report
from tests.factories.reviews import make_reviewer
from tests.refusal import refused

WORDS = "关键指标已由第三方检测机构在现场复测,结果附后。"
DAYS = timedelta(days=1)


def pdf() -> Upload:
    return Upload(BytesIO(PDF), "检测报告.pdf")


def expert_of(reviewer: Reviewer) -> Actor:
    return actor_of(reviewer.person)


def news(session: Session, person_id: object) -> int:
    query = select(func.count()).where(InboxItem.person_id == person_id)
    return session.scalar(query) or 0


def about_one_indicator(milestone: Milestone) -> Shown:
    """The milestone is about the first indicator; what it has reached."""
    row = milestone.project.indicators[0]
    milestone.shows = [str(row.indicator_id)]
    return Shown(row.id, Decimal("28.5"), "现场连续测试", pdf())


def test_a_report_has_a_value_and_evidence_for_each_indicator_it_shows(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project()
    lead, milestone = lead_of(project.bid), project.milestones[0]
    told = about_one_indicator(milestone)
    send, key = service.report_milestone, milestone.id
    lacking = (
        [],
        [Shown(told.indicator_id, None, "", pdf())],
        [Shown(told.indicator_id, told.value)],
    )
    for values in lacking:
        refused(Invalid, send, lead, key, WORDS, [pdf()], store, now, values)
    other = Shown(project.indicators[1].id, Decimal(1), "", pdf())
    refused(NotFound, send, lead, key, WORDS, [pdf()], store, now, [told, other])
    told = about_one_indicator(milestone)
    send(lead, key, WORDS, [pdf()], store, now, [told])
    kept = milestone.values[0]
    assert (kept.indicator_id, kept.value) == (told.indicator_id, Decimal("28.5"))
    assert kept.file is not None
    assert milestone.draft == {}


def test_a_draft_is_kept_incomplete_and_never_overwrites_anothers(
    session: Session, now: datetime
) -> None:
    project = make_project()
    lead, milestone = lead_of(project.bid), project.milestones[0]
    told = Shown(project.indicators[0].id, Decimal(3), "试")
    save = service.save_draft
    refused(NotAllowed, save, officer_of(project.challenge), milestone.id, "开", [], 0, now)
    save(lead, milestone.id, "开", [told], 0, now)
    assert milestone.draft["report"] == "开"
    assert milestone.draft_revision == 1
    refused(Overtaken, save, lead, milestone.id, "别的", [told], 0, now)
    save(lead, milestone.id, "开", [told], 0, now)
    save(lead, milestone.id, "开始", [told], 1, now)
    assert (milestone.draft["report"], milestone.draft_revision) == ("开始", 2)
    report(milestone)
    session.commit()
    refused(IllegalMove, save, lead, milestone.id, "晚了", [], 2, now)


def test_a_milestone_is_reworked_once_and_then_passes_or_fails(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(reported=True)
    milestone, officer, lead = project.milestones[0], officer_of(project.challenge), None
    lead, until, ask = lead_of(project.bid), now + 30 * DAYS, deciding.ask_for_rework
    refused(NotAllowed, ask, lead, milestone.id, WORDS, until, now)
    refused(Invalid, ask, officer, milestone.id, "不行", until, now)
    refused(Invalid, ask, officer, milestone.id, WORDS, now + 100 * DAYS, now)
    ask(officer, milestone.id, WORDS, until, now)
    assert (milestone.state, milestone.wanted_by) == (MilestoneState.REWORK, until)
    assert news(session, lead.user_id) == 1
    fail = deciding.fail_milestone
    refused(IllegalMove, fail, officer, milestone.id, WORDS, now)
    service.report_milestone(lead, milestone.id, WORDS, [pdf()], store, now)
    assert [row.position for row in milestone.evidence] == [1, 2]
    refused(IllegalMove, ask, officer, milestone.id, WORDS, until, now)
    refused(Invalid, fail, officer, milestone.id, "不行", now)
    fail(officer, milestone.id, WORDS, now)
    assert (milestone.state, milestone.failed_at) == (MilestoneState.FAILED, now)
    topics = list(session.scalars(select(Event.topic)))
    assert topics == [Topic.MILESTONE_REPORTED.value, Topic.MILESTONE_FAILED.value]


def test_a_project_goes_on_without_a_failed_milestone_when_an_officer_says_so(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(failed=True)
    first, second = project.milestones
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    send = service.report_milestone
    refused(IllegalMove, send, lead, second.id, WORDS, [pdf()], store, now)
    refused(NotAllowed, deciding.pass_over_milestone, lead, first.id, WORDS, now)
    deciding.pass_over_milestone(officer, first.id, WORDS, now)
    send(lead, second.id, WORDS, [pdf()], store, now)
    deciding.accept_milestone(officer, second.id, "", now)
    refused(IllegalMove, deciding.accept_milestone, officer, first.id, "", now)


def test_what_was_never_reported_fails_after_its_date(session: Session, now: datetime) -> None:
    project = make_project()
    milestone, officer = project.milestones[0], officer_of(project.challenge)
    refused(IllegalMove, deciding.fail_milestone, officer, milestone.id, WORDS, now)
    deciding.fail_milestone(officer, milestone.id, WORDS, milestone.due_at)
    assert milestone.state is MilestoneState.FAILED


def test_a_visit_is_kept_with_its_photographs(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(reported=True)
    milestone, lead = project.milestones[0], lead_of(project.bid)
    officer, seen = officer_of(project.challenge), Seen(DAY, "张三、李四", WORDS)
    visit = visiting.record_visit
    refused(NotAllowed, visit, lead, milestone.id, seen, [], store, now)
    refused(Invalid, visit, officer, milestone.id, Seen(None, "张三", WORDS), [], store, now)
    refused(Invalid, visit, officer, milestone.id, Seen(DAY, "张三", "短"), [], store, now)
    visit(officer, milestone.id, seen, [pdf()], store, now)
    assert milestone.visits[0].photographs[0].file.name == "检测报告.pdf"
    assert news(session, lead.user_id) == 1


def test_an_expert_of_the_pool_without_a_conflict_is_asked_and_heard(
    session: Session, now: datetime
) -> None:
    project = make_project(reported=True)
    milestone, officer = project.milestones[0], officer_of(project.challenge)
    expert, other = make_reviewer(), make_reviewer()
    email, until = expert.person.email, now + 10 * DAYS
    refused(NotAllowed, opinions.ask, lead_of(project.bid), milestone.id, email, until, now)
    refused(Invalid, opinions.ask, officer, milestone.id, "nobody@example.org", until, now)
    refused(Invalid, opinions.ask, officer, milestone.id, email, now, now)
    opinion = opinions.ask(officer, milestone.id, email, until, now)
    refused(Invalid, opinions.ask, officer, milestone.id, email, until, now)
    refused(IllegalMove, deciding.accept_milestone, officer, milestone.id, "", now)
    give = opinions.give
    refused(NotAllowed, give, expert_of(other), opinion.id, Verdict.PASS, WORDS, now)
    refused(Invalid, give, expert_of(expert), opinion.id, Verdict.PASS, "好", now)
    give(expert_of(expert), opinion.id, Verdict.REWORK, WORDS, now)
    assert (opinion.state, opinion.verdict) == (OpinionState.GIVEN, Verdict.REWORK)
    refused(IllegalMove, give, expert_of(expert), opinion.id, Verdict.PASS, WORDS, now)
    deciding.accept_milestone(officer, milestone.id, "", now)


def test_whoever_works_for_the_team_is_not_asked(session: Session, now: datetime) -> None:
    project = make_project(reported=True)
    expert, officer = make_reviewer(), officer_of(project.challenge)
    expert.organisation_id = project.lead_id
    milestone, until = project.milestones[0], now + 10 * DAYS
    session.commit()
    refused(Invalid, opinions.ask, officer, milestone.id, expert.person.email, until, now)
    assert session.scalar(select(MilestoneOpinion.id)) is None


def test_an_expert_may_decline_and_an_officer_may_ask_no_longer(
    session: Session, now: datetime
) -> None:
    project = make_project(reported=True)
    officer = officer_of(project.challenge)
    first, second = (make_milestone_opinion(project.milestones[0]) for _ in range(2))
    session.commit()
    decline = opinions.decline
    refused(Invalid, decline, expert_of(first.reviewer), first.id, "  ", now)
    decline(expert_of(first.reviewer), first.id, "近期无法到场", now)
    refused(NotAllowed, opinions.withdraw, expert_of(second.reviewer), second.id, now)
    opinions.withdraw(officer, second.id, now)
    assert (first.state, second.state) == (OpinionState.DECLINED, OpinionState.WITHDRAWN)
    deciding.accept_milestone(officer, project.milestones[0].id, "", now)


def test_the_clock_reminds_once_of_what_is_near_and_of_what_is_late(
    session: Session, now: datetime
) -> None:
    project = make_project()
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    first = project.milestones[0]
    first.due_at = now + 20 * DAYS
    session.commit()
    assert first.id not in chasing.due(session, now)
    for at, to_lead, to_officer in ((6, 1, 0), (21, 2, 1)):
        moment = now + at * DAYS
        assert first.id in chasing.due(session, moment)
        for _ in range(2):
            chasing.remind(first.id, moment)
        assert first.id not in chasing.due(session, moment)
        assert news(session, lead.user_id) == to_lead
        assert news(session, officer.user_id) == to_officer


def test_the_clock_reminds_of_reports_to_examine_and_tranches_to_pay(
    session: Session, now: datetime
) -> None:
    waiting, unpaid = make_project(reported=True), make_project(finished=True)
    milestone, tranche = waiting.milestones[0], unpaid.tranches[0]
    examiner, payer = officer_of(waiting.challenge), officer_of(unpaid.challenge)
    milestone.reported_at, tranche.due_at = now, now
    session.commit()
    later = now + 15 * DAYS
    assert milestone.id not in chasing.due(session, now)
    assert milestone.id in chasing.due(session, later)
    assert tranche.id in fund_chasing.due(session, later)
    for _ in range(2):
        chasing.remind(milestone.id, later)
        fund_chasing.remind(tranche.id, later)
    assert news(session, examiner.user_id) == 1
    assert news(session, payer.user_id) == 1
    assert tranche.id not in fund_chasing.due(session, later)
