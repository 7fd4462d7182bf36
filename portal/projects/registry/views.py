"""Pages of the public registry."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import get_locale

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import public
from portal.projects.followups import queries as follow_ups
from portal.projects.followups import rules as follow_up_rules
from portal.projects.registry import finding, queries
from portal.projects.registry.reading import story_of, story_of_past
from portal.projects.registry.screens import choices
from portal.projects.registry.snapshot import of_entry

pages = Blueprint("registry", __name__)


@pages.get("/registry")
@public
@shared
def listed() -> str:
    """Accepted projects and those that sources report, narrowed as the address says."""
    asked = finding.read(request.args)
    rows = finding.page(db.session, asked, finding.place_in(request.args.get("before", "")))
    total, counted = finding.counts(db.session, asked)
    names = finding.cluster_names(db.session, list(counted["cluster"]))
    reporting, brought = follow_ups.added_up(db.session)
    return render_template(
        "registry/list.html",
        rows=rows[: finding.PAGE],
        older=_behind(asked, rows[finding.PAGE - 1]) if len(rows) > finding.PAGE else None,
        first="before" not in request.args,
        asked=asked,
        total=total,
        choices=choices(asked, counted, names, str(get_locale()) == "en"),
        reporting=reporting,
        brought=brought,
    )


def _behind(asked: finding.Asked, last: Any) -> str:
    place: dict[str, Any] = {**asked.kept, "before": f"{last.at.isoformat()}|{last.key}"}
    return url_for("registry.listed", **place)


@pages.get("/registry/<int(max=999999999):number>")
@public
@shared
def entry(number: int) -> str:
    """An accepted project as the registry keeps it, and what became of it since."""
    found = queries.registry_entry(db.session, number)
    if found is None:
        raise NotFound
    years = follow_ups.of_project(db.session, found.project_id)
    return render_template(
        "registry/project.html",
        entry=found,
        past=None,
        story=story_of(of_entry(found)),
        years=[year for year in years if year.report],
        brought=follow_up_rules.total(year.report.figures for year in years if year.report),
    )


@pages.get("/registry/<slug>")
@public
@shared
def past(slug: str) -> str:
    """A project that a source reports from before the portal, told in the same way."""
    found = queries.past_project(db.session, slug)
    if found is None:
        raise NotFound
    return render_template(
        "registry/project.html",
        entry=None,
        past=found,
        story=story_of_past(found),
        years=[],
        brought=None,
    )
