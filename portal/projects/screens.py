"""What each page of a project shows, so that a refused form comes back with all around it."""

from typing import Any
from uuid import UUID

from flask import render_template, request

from portal.awards import queries as award_queries
from portal.awards.stage_line import stage_line_of
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, now
from portal.projects import policy, queries
from portal.projects.forms import (
    AcceptanceForm,
    AcceptForm,
    MeasureForm,
    OwnMoneyForm,
    ReportForm,
    ReturnForm,
    VoucherForm,
)
from portal.projects.models import ContractIndicator, Milestone, Project
from portal.projects.rules import Judgement, TrancheState
from portal.projects.snapshot import indicator_row

Screen = tuple[str, int]


def project_or_404(code: str | None) -> Project:
    """The project that this person may see. Raises NotFound."""
    project = queries.visible_by_code(db.session, actor(), code) if code else None
    if project is None:
        raise NotFound
    return project


def milestone_or_404(milestone_id: UUID) -> Milestone:
    """The milestone that this person may see. Raises NotFound."""
    milestone = queries.milestone_visible_to(db.session, actor(), milestone_id)
    if milestone is None:
        raise NotFound
    return milestone


def project_screen(
    project: Project,
    vouchers: dict[UUID, VoucherForm] | None = None,
    own: OwnMoneyForm | None = None,
) -> Screen:
    """One project: indicators, milestones, money, and what comes next."""
    due = [one.id for one in project.tranches if one.state is TrancheState.DUE]
    empty = {one: VoucherForm(formdata=None).among(one) for one in due}
    page = render_template(
        "projects/project.html",
        vouchers={**empty, **(vouchers or {})},
        own=own or OwnMoneyForm(formdata=None),
        entry=queries.entry_of(db.session, project.id),
        **_frame(project),
    )
    return page, 422 if vouchers or own else 200


def milestone_screen(
    milestone_id: UUID,
    report: ReportForm | None = None,
    accept: AcceptForm | None = None,
    back: ReturnForm | None = None,
) -> Screen:
    """One milestone: the lead's report, the officer's answer."""
    milestone = milestone_or_404(milestone_id)
    sent = report if report is not None and report.is_submitted() else None
    page = render_template(
        "projects/milestone.html",
        milestone=milestone,
        report=sent or ReportForm(formdata=None, data={"report": milestone.report}),
        accept=(accept or AcceptForm(formdata=None)).among("accept"),
        back=(back or ReturnForm(formdata=None)).among("return"),
        **_frame(project_or_404(milestone.project.code)),
    )
    return page, 422 if sent or accept or back else 200


def measuring_screen(project: Project, form: MeasureForm) -> Screen:
    """One indicator at a time; the first that is not measured unless another is asked for."""
    sent = form.is_submitted()
    chosen = _chosen(project, form.indicator.data if sent else request.args.get("indicator", ""))
    page = render_template(
        "projects/indicators.html",
        chosen=chosen,
        form=form if sent else _measured(chosen),
        **_frame(project),
    )
    return page, 422 if sent else 200


def acceptance_screen(project: Project, form: AcceptanceForm) -> Screen:
    """What acceptance needs, and the conclusion."""
    page = render_template("projects/acceptance.html", form=form, **_frame(project))
    return page, 422 if form.is_submitted() else 200


def _frame(project: Project) -> dict[str, Any]:
    """What every page of a project has."""
    notice = award_queries.standing(db.session, project.challenge_id)
    return {
        "project": project,
        "matrix": [indicator_row(row) for row in project.indicators],
        "ready": queries.readiness_of(project),
        "steps": queries.steps_of(project),
        "may_report": policy.may_report(actor(), project),
        "may_manage": policy.may_manage(actor(), project),
        "may_record": policy.may_record_own_money(actor(), project),
        "stages": stage_line_of(project.challenge, notice, now()),
    }


def _chosen(project: Project, wish: object) -> ContractIndicator | None:
    named = [row for row in project.indicators if str(row.id) == str(wish)]
    open_ones = [row for row in project.indicators if row.met is None]
    return next(iter([*named, *open_ones, *project.indicators]), None)


def _measured(chosen: ContractIndicator | None) -> MeasureForm:
    """The form with what was recorded before."""
    if chosen is None or chosen.met is None:
        return MeasureForm(formdata=None)
    facts = {
        "value": chosen.measured_value,
        "met": (Judgement.MET if chosen.met else Judgement.NOT_MET).value,
        "how": chosen.measured_how,
    }
    return MeasureForm(formdata=None, data=facts)
