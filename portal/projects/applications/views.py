"""Pages of an application on its site."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import (
    actor,
    done,
    now,
    public,
    see_other,
    send_stored,
    signed_in,
    store,
    visitor,
)
from portal.core.words import N_
from portal.projects import policy
from portal.projects.applications import queries, service
from portal.projects.applications.forms import ApplicationForm
from portal.projects.applications.rules import OPEN
from portal.projects.models import Project
from portal.projects.screens import frame, project_or_404

pages = Blueprint("applications", __name__)
Page = Response | tuple[str, int]


@pages.route("/projects/<code>/application", methods=["GET", "POST"])
@signed_in
def shown(code: str) -> Page:
    """The record of the application; the lead keeps it."""
    project, form = project_or_404(code), ApplicationForm()
    if not form.is_submitted():
        return _screen(project, None)
    policy.may_report(actor(), project).enforce()
    if not form.added_row() and form.validate():
        try:
            photos = form.photos.uploads
            service.record(actor(), project.id, form.told(), photos, store(), now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The record is kept."))
            return see_other("applications.shown", code=code)
    return _screen(project_or_404(code), form)


def _screen(project: Project, sent: ApplicationForm | None) -> tuple[str, int]:
    found = queries.of_project(db.session, project.id)
    told = {}
    if found is not None:
        same = ("site", "used_by", "since", "replicable", "orders")
        figures = [
            {"name": row.name, "before": row.before, "after": row.after, "unit": row.unit}
            for row in found.effects
        ]
        told = {**{name: getattr(found, name) for name in same}, "effects": figures}
    challenge = project.challenge
    usual = {"site": challenge.scenario_site, "used_by": challenge.scenario_owner}
    page = render_template(
        "applications/shown.html",
        application=found,
        form=sent or ApplicationForm(formdata=None, data=told or usual),
        open=project.state in OPEN,
        **frame(project),
    )
    return page, 422 if sent else 200


@pages.post("/application-photos/<uuid:photo_id>/remove")
@signed_in
def remove(photo_id: UUID) -> Response:
    """Take a picture off."""
    project = project_or_404(queries.code_by_photo(db.session, photo_id))
    service.remove_photo(actor(), photo_id, now())
    done(N_("The picture is removed."))
    return see_other("applications.shown", code=project.code)


@pages.get("/application-photos/<uuid:photo_id>")
@public
def picture(photo_id: UUID) -> Response:
    """A picture of the site; everybody sees those of accepted projects."""
    stored = queries.picture_visible_to(db.session, visitor(), photo_id)
    if stored is None:
        raise NotFound
    response = send_stored(stored)
    response.headers["Content-Disposition"] = "inline"
    return response
