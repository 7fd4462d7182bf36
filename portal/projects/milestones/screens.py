"""What a milestone's pages show, so that a refused form comes back with all around it."""

from uuid import UUID

from flask import render_template

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, now
from portal.projects.milestones import experts, queries, reporting, rules
from portal.projects.milestones.forms import (
    AcceptForm,
    AskForm,
    DeclineForm,
    OpinionForm,
    ReasonForm,
    ReportForm,
    ReworkForm,
    VisitForm,
)
from portal.projects.milestones.models import Milestone, MilestoneOpinion
from portal.projects.registry.reading import indicator_row
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
    visit: VisitForm | None = None,
    ask: AskForm | None = None,
) -> Screen:
    """One milestone: the lead's report, what experts and visitors saw, the officer's decision."""
    milestone = milestone_or_404(milestone_id)
    project = project_or_404(milestone.project.code)
    shown = reporting.shown_at(project, milestone)
    sent = report if report is not None and report.is_submitted() else None
    named = {"rework": rework, "fail": fail, "over": over, "visit": visit, "ask": ask}
    page = render_template(
        "milestones/page.html",
        milestone=milestone,
        late=rules.is_late(milestone.state, milestone.wanted_by, now()),
        shown=[indicator_row(row) for row in shown],
        report=sent or ReportForm.filled(milestone, shown),
        accept=(accept or AcceptForm(formdata=None)).among("accept"),
        rework=(rework or ReworkForm(formdata=None)).among("rework"),
        fail=(fail or ReasonForm(formdata=None)).among("fail"),
        over=(over or ReasonForm(formdata=None)).among("over"),
        visit=(visit or VisitForm(formdata=None)).among("visit"),
        ask=(ask or AskForm(formdata=None)).among("ask"),
        reviewed=experts.of_the_review(db.session, project.challenge_id),
        wrong=next((name for name, form in named.items() if form), ""),
        **frame(project),
    )
    return page, 422 if sent or accept or any(named.values()) else 200


def opinion_or_404(opinion_id: UUID) -> MilestoneOpinion:
    """The opinion that this expert was asked for. Raises NotFound."""
    opinion = queries.opinion_readable_by(db.session, actor(), opinion_id)
    if opinion is None:
        raise NotFound
    return opinion


def opinion_screen(
    opinion: MilestoneOpinion,
    form: OpinionForm | None = None,
    decline: DeclineForm | None = None,
) -> Screen:
    """What an expert reads, and where the opinion is written."""
    milestone = opinion.milestone
    shown = reporting.shown_at(milestone.project, milestone)
    page = render_template(
        "milestones/opinion.html",
        opinion=opinion,
        milestone=milestone,
        project=milestone.project,
        late=False,
        shown=[indicator_row(row) for row in shown],
        form=form or OpinionForm(formdata=None),
        decline=(decline or DeclineForm(formdata=None)).among("decline"),
        wrong="decline" if decline else "",
    )
    return page, 422 if form or decline else 200
