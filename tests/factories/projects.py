"""Projects for tests, made from a confirmed notice as the portal makes them."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from portal.awards.models import Notice
from portal.challenges.rules import Operator
from portal.clusters.models import Cluster, PastProject, Source
from portal.core import clock
from portal.core.db import db
from portal.core.files import StoredFile
from portal.projects import contract
from portal.projects.acceptance.rules import Verdict
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.models import Milestone, MilestoneEvidence
from portal.projects.milestones.rules import MilestoneState
from portal.projects.models import ContractIndicator, Project
from portal.projects.registry.models import RegistryEntry
from portal.projects.registry.snapshot import entry_of
from portal.projects.rules import ProjectState
from tests.factories.awards import make_notice
from tests.factories.bids import make_document
from tests.factories.remembered import remembered

_numbers = count(1)


@remembered
def make_project(
    *,
    reported: bool = False,
    failed: bool = False,
    finished: bool = False,
    measured: bool = False,
    accepted: bool = False,
    notice: Notice | None = None,
    **facts: Any,
) -> Project:
    """A project that has just begun, or further on.

    `reported`: its first milestone waits for the officer; `failed`: and has failed; `finished`: every
    milestone is accepted and its tranches due; `measured`: and every indicator keeps its promise;
    `accepted`: all of it.
    """
    notice = notice or make_notice(confirmed=True)
    place = notice.winners[0]
    project = contract.project_of(notice, place, 1, place.bid.versions[-1])
    project.state = ProjectState.ACTIVE
    for name, value in facts.items():
        setattr(project, name, value)
    db.session.add(project)
    db.session.flush()
    if reported or failed:
        report(project.milestones[0])
    if failed:
        fail(project.milestones[0])
    if finished or measured or accepted:
        _finish(project)
    if measured or accepted:
        for indicator in project.indicators:
            meet(indicator)
    if accepted:
        project.state = ProjectState.ACCEPTED
        project.accepted_at = project.ends_at
        project.conclusion = "各项指标均达到任务书要求,同意通过验收。"
        project.effect = "首钢园示范线单镜头制作周期由十天缩短至两天。"
    db.session.flush()
    return project


def report(milestone: Milestone) -> None:
    """The milestone as the lead has reported it, with one file."""
    milestone.state = MilestoneState.REPORTED
    milestone.report = "样机完成集成,第三方测试报告附后。"
    milestone.reported_at = milestone.due_at - timedelta(days=1)
    milestone.evidence = [MilestoneEvidence(file=_document(milestone.project), position=1)]
    db.session.flush()


def fail(milestone: Milestone) -> None:
    """The milestone has failed, and its tranches are blocked."""
    milestone.state, milestone.failed_at = MilestoneState.FAILED, milestone.due_at
    milestone.answer = "关键指标未达到要求,整改后仍未达标。"
    for tranche in milestone.project.tranches:
        if tranche.milestone_id == milestone.id:
            tranche.state = TrancheState.BLOCKED
    db.session.flush()


def _finish(project: Project) -> None:
    for milestone in project.milestones:
        report(milestone)
        milestone.state = MilestoneState.ACCEPTED
        milestone.accepted_at = milestone.due_at
    for tranche in project.tranches:
        tranche.state, tranche.due_at = TrancheState.DUE, tranche.planned_at


def meet(indicator: ContractIndicator) -> None:
    """The indicator measured exactly as promised."""
    if indicator.operator is not Operator.QUALITATIVE:
        indicator.measured_value = indicator.promised.value
    indicator.met, indicator.verdict = True, Verdict.MET
    indicator.measured_how = "第三方检测机构于现场连续测试七十二小时。"
    indicator.tester, indicator.tested_on = "示例检测中心", date(2026, 11, 2)


def _document(project: Project) -> StoredFile:
    return make_document(uploaded_by=project.bid.started_by)


@remembered
def make_entry(project: Project | None = None, **facts: Any) -> RegistryEntry:
    """An accepted project in the registry."""
    project = project or make_project(accepted=True)
    number = facts.pop("number", next(_numbers) + 1000)
    entry = entry_of(db.session, project, number, clock.now(db.session))
    for name, value in facts.items():
        setattr(entry, name, value)
    db.session.add(entry)
    db.session.flush()
    return entry


def make_past_project(**facts: Any) -> PastProject:
    """A project that a source reports from before the portal."""
    number = next(_numbers)
    source = Source(
        title=f"示例报道{number}", publisher="北京科技报", published_on=date(2023, 4, 19)
    )
    cluster = Cluster(
        slug=f"past-cluster-{number}",
        name=f"示例重点项目群{number}",
        name_en=f"Example cluster {number}",
        district="石景山区",
        years_min=3,
        years_max=5,
        position=number,
    )
    values: dict[str, Any] = {
        "slug": f"past-{number:06d}",
        "title": "复杂场景动态三维重建与数字角色制作",
        "lead": "凌云光技术股份有限公司",
        "partners": ["清华大学三维视觉研究团队"],
        "problem": "动态三维重建依赖密集视点采集",
        "result": "系统成本下降一个数量级",
        "site": "首钢园",
        "scenario": "虚实融合示范应用",
        "effects": [{"date": "2022-06", "what": "国内首个数字人XR直播带货", "hours": 2}],
        "position": number,
    }
    past = PastProject(source=source, cluster=cluster, **{**values, **facts})
    db.session.add(past)
    db.session.flush()
    return past
