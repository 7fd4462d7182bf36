"""Pages on which a milestone is decided, and experts are asked and answer."""

from uuid import UUID

from werkzeug.wrappers import Response

from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects import policy
from portal.projects.milestones import deciding, opinions
from portal.projects.milestones.forms import (
    AcceptForm,
    AskForm,
    DeclineForm,
    OpinionForm,
    ReasonForm,
    ReworkForm,
)
from portal.projects.milestones.rules import Verdict
from portal.projects.milestones.screens import (
    milestone_or_404,
    milestone_screen,
    opinion_or_404,
    opinion_screen,
)
from portal.projects.milestones.views import pages

Page = Response | tuple[str, int]


@pages.post("/milestones/<uuid:milestone_id>/accept")
@signed_in
def accept(milestone_id: UUID) -> Page:
    """Accept a milestone."""
    project, form = milestone_or_404(milestone_id).project, AcceptForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, accept=form)
    deciding.accept_milestone(actor(), milestone_id, form.answer.data or "", now())
    done(N_("The milestone is accepted. Its tranches fall due."))
    return see_other("projects.shown", code=project.code)


@pages.post("/milestones/<uuid:milestone_id>/rework")
@signed_in
def rework(milestone_id: UUID) -> Page:
    """Give a report back, to be put right by a date."""
    project, form = milestone_or_404(milestone_id).project, ReworkForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit():
        try:
            answer, until = form.answer.data, form.until.data
            deciding.ask_for_rework(actor(), milestone_id, answer, until, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The milestone goes back to the team, to be reworked."))
            return see_other("milestones.report", milestone_id=milestone_id)
    return milestone_screen(milestone_id, rework=form)


@pages.post("/milestones/<uuid:milestone_id>/fail")
@signed_in
def fail(milestone_id: UUID) -> Page:
    """Let a milestone fail."""
    project, form = milestone_or_404(milestone_id).project, ReasonForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, fail=form)
    deciding.fail_milestone(actor(), milestone_id, form.answer.data, now())
    done(N_("The milestone has failed. Its tranches are blocked; decide how the project goes on."))
    return see_other("milestones.report", milestone_id=milestone_id)


@pages.post("/milestones/<uuid:milestone_id>/pass-over")
@signed_in
def pass_over(milestone_id: UUID) -> Page:
    """Let the project go on without a failed milestone."""
    project, form = milestone_or_404(milestone_id).project, ReasonForm()
    policy.may_manage(actor(), project).enforce()
    if not form.validate_on_submit():
        return milestone_screen(milestone_id, over=form)
    deciding.pass_over_milestone(actor(), milestone_id, form.answer.data, now())
    done(N_("The project goes on; the money of this milestone stays blocked."))
    return see_other("projects.shown", code=project.code)


@pages.post("/milestones/<uuid:milestone_id>/ask")
@signed_in
def ask(milestone_id: UUID) -> Page:
    """Ask an expert for an opinion."""
    project, form = milestone_or_404(milestone_id).project, AskForm()
    policy.may_manage(actor(), project).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: opinions.ask(actor(), milestone_id, form.email.data, form.due_at.data, now())
    ):
        done(N_("The expert is asked."))
        return see_other("milestones.report", milestone_id=milestone_id)
    return milestone_screen(milestone_id, ask=form)


@pages.route("/opinions/<uuid:opinion_id>", methods=["GET", "POST"])
@signed_in
def opinion(opinion_id: UUID) -> Page:
    """An expert reads a milestone and says what they think of it."""
    found, form = opinion_or_404(opinion_id), OpinionForm()
    if not form.validate_on_submit():
        return opinion_screen(found, form if form.is_submitted() else None)
    opinions.give(actor(), opinion_id, Verdict(form.verdict.data), form.words.data, now())
    done(N_("Your opinion is handed in. Thank you."))
    return see_other("milestones.opinion", opinion_id=opinion_id)


@pages.post("/opinions/<uuid:opinion_id>/decline")
@signed_in
def decline(opinion_id: UUID) -> Page:
    """An expert gives no opinion."""
    found, form = opinion_or_404(opinion_id), DeclineForm()
    if not form.validate_on_submit():
        return opinion_screen(found, decline=form)
    opinions.decline(actor(), opinion_id, form.reason.data, now())
    done(N_("The officers are told that you give no opinion."))
    return see_other("site.desk")


@pages.post("/opinions/<uuid:opinion_id>/withdraw")
@signed_in
def withdraw(opinion_id: UUID) -> Page:
    """Ask no longer for an opinion."""
    milestone_id = opinions.withdraw(actor(), opinion_id, now())
    done(N_("The opinion is no longer asked for."))
    return see_other("milestones.report", milestone_id=milestone_id)
