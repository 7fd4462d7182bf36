"""What a milestone's page shows, so that a refused form comes back with all around it."""

from uuid import UUID

from flask import render_template

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, now
from portal.projects.milestones import queries, rules
from portal.projects.milestones.forms import AcceptForm, ReasonForm, ReportForm, ReworkForm
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
    rework: ReworkForm | None = None,
    fail: ReasonForm | None = None,
    over: ReasonForm | None = None,
) -> Screen:
    """One milestone: the lead's report, what experts and visitors saw, the officer's decision."""
    milestone = milestone_or_404(milestone_id)
    sent = report if report is not None and report.is_submitted() else None
    page = render_template(
        "milestones/page.html",
        milestone=milestone,
        late=rules.is_late(milestone.state, milestone.wanted_by, now()),
        report=sent or ReportForm(formdata=None, data={"report": milestone.report}),
        accept=(accept or AcceptForm(formdata=None)).among("accept"),
        rework=(rework or ReworkForm(formdata=None)).among("rework"),
        fail=(fail or ReasonForm(formdata=None)).among("fail"),
        over=(over or ReasonForm(formdata=None)).among("over"),
        wrong="rework" if rework else "fail" if fail else "over" if over else "",
        **frame(project_or_404(milestone.project.code)),
    )
    return page, 422 if any((sent, accept, rework, fail, over)) else 200
