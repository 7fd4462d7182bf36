"""What the pages of a project show, so that a refused form comes back with all around it."""

from typing import Any
from uuid import UUID

from flask import render_template

from portal.awards import queries as award_queries
from portal.awards.stage_line import stage_line_of
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, now
from portal.projects import course, policy, queries
from portal.projects.acceptance import queries as acceptance_queries
from portal.projects.funds.forms import OwnMoneyForm, VoucherForm
from portal.projects.funds.rules import TrancheState
from portal.projects.models import Project
from portal.projects.registry import queries as registry_queries
from portal.projects.registry.snapshot import indicator_row

Screen = tuple[str, int]


def project_or_404(code: str | None) -> Project:
    """The project that this person may see. Raises NotFound."""
    project = queries.visible_by_code(db.session, actor(), code) if code else None
    if project is None:
        raise NotFound
    return project


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
        entry=registry_queries.entry_of(db.session, project.id),
        **frame(project),
    )
    return page, 422 if vouchers or own else 200


def frame(project: Project) -> dict[str, Any]:
    """What every page of a project has."""
    notice = award_queries.standing(db.session, project.challenge_id)
    return {
        "project": project,
        "matrix": [indicator_row(row) for row in project.indicators],
        "ready": acceptance_queries.readiness_of(project),
        "steps": course.steps_of(project),
        "may_report": policy.may_report(actor(), project),
        "may_manage": policy.may_manage(actor(), project),
        "may_record": policy.may_record_own_money(actor(), project),
        "stages": stage_line_of(project.challenge, notice, now()),
    }
