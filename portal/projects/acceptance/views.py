"""Pages of measuring and acceptance."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, done, now, see_other, signed_in, store
from portal.core.words import N_
from portal.projects import policy
from portal.projects.acceptance import service
from portal.projects.acceptance.forms import AcceptanceForm, MeasureForm
from portal.projects.acceptance.screens import acceptance_screen, measuring_screen
from portal.projects.screens import project_or_404

pages = Blueprint("acceptance", __name__)
Page = Response | tuple[str, int]


@pages.route("/projects/<code>/indicators", methods=["GET", "POST"])
@signed_in
def indicators(code: str) -> Page:
    """Record what an indicator measured, one at a time."""
    project = project_or_404(code)
    policy.may_manage(actor(), project).enforce()
    form = MeasureForm()
    if form.validate_on_submit():
        try:
            chosen, proof = form.indicator.data, form.evidence.upload
            service.measure(actor(), project.id, chosen, form.told, proof, store(), now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The measurement is recorded."))
            return see_other("acceptance.indicators", code=code)
    return measuring_screen(project_or_404(code), form)


@pages.route("/projects/<code>/acceptance", methods=["GET", "POST"])
@signed_in
def shown(code: str) -> Page:
    """Accept the project."""
    project = project_or_404(code)
    policy.may_manage(actor(), project).enforce()
    form = AcceptanceForm()
    if form.validate_on_submit():
        try:
            conclusion, effect = form.conclusion.data, form.effect.data
            service.accept_project(actor(), project.id, conclusion, effect, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The project is accepted. It is being entered in the public registry."))
            return see_other("projects.shown", code=code)
    return acceptance_screen(project_or_404(code), form)
