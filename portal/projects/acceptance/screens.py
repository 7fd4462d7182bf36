"""What the pages of measuring and acceptance show."""

from flask import render_template, request

from portal.projects.acceptance.forms import AcceptanceForm, MeasureForm
from portal.projects.models import ContractIndicator, Project
from portal.projects.screens import frame

Screen = tuple[str, int]


def measuring_screen(project: Project, form: MeasureForm) -> Screen:
    """One indicator at a time; the first that is not measured unless another is asked for."""
    sent = form.is_submitted()
    chosen = _chosen(project, form.indicator.data if sent else request.args.get("indicator", ""))
    page = render_template(
        "projects/indicators.html",
        chosen=chosen,
        form=form if sent else _measured(chosen),
        **frame(project),
    )
    return page, 422 if sent else 200


def acceptance_screen(project: Project, form: AcceptanceForm) -> Screen:
    """What acceptance needs, and the conclusion."""
    page = render_template("projects/acceptance.html", form=form, **frame(project))
    return page, 422 if form.is_submitted() else 200


def _chosen(project: Project, wish: object) -> ContractIndicator | None:
    named = [row for row in project.indicators if str(row.id) == str(wish)]
    open_ones = [row for row in project.indicators if row.met is None]
    return next(iter([*named, *open_ones, *project.indicators]), None)


def _measured(chosen: ContractIndicator | None) -> MeasureForm:
    """The form with what was recorded before."""
    if chosen is None or chosen.met is None:
        return MeasureForm(formdata=None)
    facts = {
        "value": chosen.measured_value,
        "met": chosen.verdict.value if chosen.verdict else None,
        "how": chosen.measured_how,
        "tester": chosen.tester,
        "tested_on": chosen.tested_on,
    }
    return MeasureForm(formdata=None, data=facts)
