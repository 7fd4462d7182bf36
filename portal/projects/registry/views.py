"""Pages of the public registry."""

from datetime import datetime

from flask import Blueprint, render_template, request

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import public
from portal.projects.registry import queries
from portal.projects.registry.snapshot import funds_in, indicators_in

pages = Blueprint("registry", __name__)
PAGE = 20


@pages.get("/registry")
@public
@shared
def listed() -> str:
    """Accepted projects, and those that sources report from before the portal."""
    before = request.args.get("before", type=_number)
    after = request.args.get("after", "")[:60]
    rows = queries.registry(db.session, before, PAGE + 1)
    past = queries.past_projects(db.session, after, PAGE + 1)
    return render_template(
        "projects/registry.html",
        rows=rows[:PAGE],
        more=rows[PAGE:],
        first=before is None,
        past=past[:PAGE],
        past_more=past[PAGE:],
        past_first=not after,
    )


@pages.get("/registry/<int(max=999999999):number>")
@public
@shared
def entry(number: int) -> str:
    """An accepted project as the registry keeps it."""
    found = queries.registry_entry(db.session, number)
    if found is None:
        raise NotFound
    kept = found.snapshot
    return render_template(
        "projects/entry.html",
        entry=found,
        kept=kept,
        indicators=indicators_in(kept),
        funds=funds_in(kept),
        started_at=datetime.fromisoformat(kept["started_at"]),
        accepted_at=datetime.fromisoformat(kept["accepted_at"]),
    )


@pages.get("/registry/<slug>")
@public
@shared
def past(slug: str) -> str:
    """A project that a source reports from before the portal."""
    found = queries.past_project(db.session, slug)
    if found is None:
        raise NotFound
    return render_template("projects/past.html", project=found)


def _number(text: str) -> int:
    """A registry number that the database can hold. Raises ValueError."""
    return max(0, min(int(text), 10**9))
