"""Pages of projects: one's own, and the course of one."""

from datetime import datetime
from functools import partial
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.web import actor, now, signed_in
from portal.projects import course, queries
from portal.projects.queries import Cursor
from portal.projects.screens import project_or_404, project_screen

pages = Blueprint("projects", __name__)


PAGE = 20


Page = Response | tuple[str, int]


@pages.get("/projects")
@signed_in
def mine() -> str:
    """One's projects, newest first."""
    rows = queries.mine(db.session, actor(), _cursor(), PAGE + 1)
    return render_template(
        "projects/mine.html",
        rows=rows[:PAGE],
        more=rows[PAGE:],
        first="before" not in request.args,
        steps_of=partial(course.steps_of, now=now()),
    )


@pages.get("/projects/<code>")
@signed_in
def shown(code: str) -> Page:
    """One project: indicators, milestones, money, and what comes next."""
    return project_screen(project_or_404(code))


def _cursor() -> Cursor | None:
    """The place in the list from which to go on; nonsense counts as none."""
    moment, _, key = request.args.get("before", "").partition("|")
    try:
        return datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return None
