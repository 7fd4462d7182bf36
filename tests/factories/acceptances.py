"""Acceptances for tests, taken as far as is told; applications and yearly reports beside them."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal.challenges.rules import Operator
from portal.core import clock
from portal.core.db import db
from portal.projects.acceptance.models import (
    Acceptance,
    AcceptanceExpert,
    AcceptancePaper,
    Claim,
    StatementLine,
)
from portal.projects.acceptance.rules import AcceptanceState, Conclusion, PaperKind, Verdict
from portal.projects.applications.models import Application, Effect
from portal.projects.followups.models import FollowUp
from portal.projects.followups.rules import due_at
from portal.projects.models import Project
from tests.factories.bids import make_document
from tests.factories.projects import make_project
from tests.factories.reviews import make_reviewer

WORDS = "各项指标均已完成，资料齐全，检测报告附后，同意通过。"
EXPERTS = 3


def make_acceptance(
    project: Project | None = None,
    *,
    examined: bool = False,
    named: bool = False,
    given: bool = False,
    joint: Conclusion | None = None,
    recorded: bool = True,
    **facts: Any,
) -> Acceptance:
    """A requested acceptance, or further on.

    `examined`: found complete; `named`: with three experts, the first of them the chair; `given`: each
    has given an opinion; `joint`: they agree. `recorded`: the application on the site is there.
    """
    project = project or make_project(measured=True)
    by, now = project.bid.started_by, clock.now(db.session)
    acceptance = Acceptance(
        project_id=project.id,
        attempt=len(project.acceptances) + 1,
        state=AcceptanceState.REQUESTED,
        summary=WORDS,
        tester="示例检测中心",
        requested_at=now,
        requested_by=by,
    )
    db.session.add(acceptance)
    acceptance.claims = [
        Claim(
            indicator=row,
            position=row.position,
            value=None if row.operator is Operator.QUALITATIVE else row.promised.value,
            verdict=Verdict.MET,
        )
        for row in project.indicators
    ]
    acceptance.papers = [
        AcceptancePaper(kind=kind, file=make_document(uploaded_by=by)) for kind in PaperKind
    ]
    acceptance.lines = [
        StatementLine(source=fund.source, planned=fund.amount, received=fund.paid, spent=Decimal(0))
        for fund in project.funds
    ]
    if examined or named or given or joint:
        acceptance.state, acceptance.examined_at = AcceptanceState.EXAMINED, now
    if named or given or joint:
        acceptance.experts = [_expert(n, given or joint is not None) for n in range(EXPERTS)]
    if joint:
        acceptance.joint, acceptance.joint_words = joint, WORDS
        acceptance.joint_at = now
    for name, value in facts.items():
        setattr(acceptance, name, value)
    db.session.flush()
    db.session.refresh(project)
    if recorded and project.application is None:
        make_application(project)
    return acceptance


def _expert(number: int, given: bool) -> AcceptanceExpert:
    now = clock.now(db.session)
    expert = AcceptanceExpert(
        reviewer=make_reviewer(), position=number + 1, is_chair=number == 0, named_at=now
    )
    if given:
        expert.opinion, expert.words, expert.given_at = Conclusion.PASS, WORDS, now
    return expert


def make_application(project: Project, **facts: Any) -> Application:
    """What is in use on the site, with one figure."""
    values: dict[str, Any] = {
        "site": project.challenge.scenario_site,
        "used_by": "演示园区运营有限公司",
        "since": date(2026, 9, 1),
        "recorded_at": clock.now(db.session),
        "recorded_by": project.bid.started_by,
    }
    application = Application(project_id=project.id, **{**values, **facts})
    figures = {"before": Decimal(10), "after": Decimal(2), "unit": "天"}
    application.effects = [Effect(position=1, name="单镜头制作周期", **figures)]
    db.session.add(application)
    db.session.flush()
    db.session.refresh(project)
    return application


def make_follow_up(project: Project | None = None, year: int = 1, **facts: Any) -> FollowUp:
    """A year of which the lead reports; due today unless told otherwise."""
    project = project or make_project(accepted=True)
    now = clock.now(db.session)
    values: dict[str, Any] = {"due_at": now if year == 1 else due_at(now, year - 1)}
    follow_up = FollowUp(project_id=project.id, year=year, **{**values, **facts})
    db.session.add(follow_up)
    db.session.flush()
    return follow_up
