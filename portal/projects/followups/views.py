"""Pages of the yearly reports after acceptance."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects import policy
from portal.projects.followups import queries, rules, service
from portal.projects.followups.forms import YearForm
from portal.projects.followups.models import FollowUp
from portal.projects.screens import project_or_404

pages = Blueprint("followups", __name__)
Page = Response | tuple[str, int]


@pages.get("/projects/<code>/after")
@signed_in
def listed(code: str) -> str:
    """The three years after acceptance, and what they brought."""
    project = project_or_404(code)
    years = queries.of_project(db.session, project.id)
    return render_template(
        "followups/list.html",
        project=project,
        years=years,
        brought=rules.total(year.report.figures for year in years if year.report),
        moment=now(),
    )


@pages.route("/follow-ups/<uuid:follow_up_id>", methods=["GET", "POST"])
@signed_in
def year(follow_up_id: UUID) -> Page:
    """One year: its reports, and the form of the next."""
    found = _visible(follow_up_id)
    form = YearForm()
    if not form.is_submitted():
        return _screen(found, None)
    policy.may_report(actor(), found.project).enforce()
    if form.validate():
        try:
            words, reason = form.words.data or "", form.reason.data or ""
            service.report(actor(), follow_up_id, form.told(), words, reason, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The report is handed in."))
            return see_other("followups.listed", code=found.project.code)
    return _screen(_visible(follow_up_id), form)


def _visible(follow_up_id: UUID) -> FollowUp:
    found = queries.visible_to(db.session, actor(), follow_up_id)
    if found is None:
        raise NotFound
    return found


def _screen(found: FollowUp, sent: YearForm | None) -> tuple[str, int]:
    last = found.report
    told = {**vars(last.figures), "words": last.words} if last else {}
    may = bool(policy.may_report(actor(), found.project))
    page = render_template(
        "followups/year.html",
        year=found,
        project=found.project,
        form=sent or YearForm(formdata=None, data=told),
        may_report=may and now() >= found.due_at - rules.EARLY,
        early=found.due_at - rules.EARLY,
        late=found.reported_at is None and found.due_at < now(),
    )
    return page, 422 if sent else 200
