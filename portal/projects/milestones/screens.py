"""What a milestone's page shows, so that a refused form comes back with all around it."""

from uuid import UUID

from flask import render_template

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor
from portal.projects.milestones import queries
from portal.projects.milestones.forms import AcceptForm, ReportForm, ReturnForm
from portal.projects.milestones.models import Milestone
from portal.projects.screens import frame, project_or_404

Screen = tuple[str, int]


def milestone_or_404(milestone_id: UUID) -> Milestone:
    """The milestone that this person may see. Raises NotFound."""
    milestone = queries.milestone_visible_to(db.session, actor(), milestone_id)
    if milestone is None:
        raise NotFound
    return milestone


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
        **frame(project_or_404(milestone.project.code)),
    )
    return page, 422 if sent or accept or back else 200
