"""What the pages of a project show, so that a refused form comes back with all around it."""

from typing import Any

from flask import render_template

from portal.awards import queries as award_queries
from portal.awards.stage_line import stage_line_of
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, now
from portal.projects import course, policy, queries
from portal.projects.acceptance import queries as acceptance_queries
from portal.projects.contracts import queries as contract_queries
from portal.projects.models import Project
from portal.projects.registry import queries as registry_queries
from portal.projects.registry.reading import indicator_row

Screen = tuple[str, int]


def project_or_404(code: str | None) -> Project:
    """The project that this person may see. Raises NotFound."""
    project = queries.visible_by_code(db.session, actor(), code) if code else None
    if project is None:
        raise NotFound
    return project


def project_screen(project: Project) -> Screen:
    """One project: indicators, milestones, money, and what comes next."""
    page = render_template(
        "projects/project.html",
        has_contract=contract_queries.current(db.session, project.id) is not None,
        entry=registry_queries.entry_of(db.session, project.id),
        **frame(project),
    )
    return page, 200


def frame(project: Project) -> dict[str, Any]:
    """What every page of a project has."""
    notice = award_queries.standing(db.session, project.challenge_id)
    return {
        "project": project,
        "matrix": [indicator_row(row) for row in project.indicators],
        "ready": acceptance_queries.readiness_of(project),
        "steps": course.steps_of(project, now()),
        "leads_steps": course.LEADS_STEPS,
        "may_report": policy.may_report(actor(), project),
        "may_manage": policy.may_manage(actor(), project),
        "stages": stage_line_of(project.challenge, notice, now()),
    }
