"""What the pages of measuring and acceptance show."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import render_template, request

from portal.core.db import db
from portal.core.web import actor, now
from portal.projects import policy as project_policy
from portal.projects.acceptance import forms, policy, queries, rules
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.rules import AcceptanceState, Standing
from portal.projects.models import ContractIndicator, Project
from portal.projects.screens import frame

Screen = tuple[str, int]
TONES = {
    AcceptanceState.PASSED: "done",
    AcceptanceState.FAILED: "late",
    AcceptanceState.REWORK: "late",
    AcceptanceState.RETURNED: "waiting",
}


AGAIN = frozenset({AcceptanceState.RETURNED, AcceptanceState.REWORK})
"""What is requested again begins with what was said."""


def measuring_screen(project: Project, form: forms.MeasureForm) -> Screen:
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


def _chosen(project: Project, wish: object) -> ContractIndicator | None:
    named = [row for row in project.indicators if str(row.id) == str(wish)]
    open_ones = [row for row in project.indicators if row.met is None]
    return next(iter([*named, *open_ones, *project.indicators]), None)


def _measured(chosen: ContractIndicator | None) -> forms.MeasureForm:
    """The form with what was recorded before."""
    if chosen is None or chosen.met is None:
        return forms.MeasureForm(formdata=None)
    facts = {
        "value": chosen.measured_value,
        "met": chosen.verdict.value if chosen.verdict else None,
        "how": chosen.measured_how,
        "tester": chosen.tester,
        "tested_on": chosen.tested_on,
    }
    return forms.MeasureForm(formdata=None, data=facts)


def request_screen(project: Project, form: forms.RequestForm) -> Screen:
    """What a lead hands in, with what was handed in before, or for the first examination."""
    last = project.acceptance
    again = last if last is not None and last.state in AGAIN else None
    sent = form.is_submitted()
    if not sent and again is not None:
        form = _as_before(project, again)
    page = render_template(
        "acceptance/request.html",
        form=form,
        kinds=rules.PaperKind,
        kept={paper.kind: paper for paper in again.papers} if again else {},
        missing=again.missing if again and again.state is AcceptanceState.RETURNED else "",
        improving=again if again and again.state is AcceptanceState.REWORK else None,
        **frame(project),
    )
    return page, 422 if sent else 200


def _as_before(project: Project, last: Acceptance) -> forms.RequestForm:
    claims = [
        {"value": one.value, "verdict": one.verdict.value, "words": one.words}
        for one in last.claims
    ]
    spent = {f"spent_{line.source.value}": line.spent for line in last.lines}
    told = {"summary": last.summary, "tester": last.tester, "claims": claims, **spent}
    return forms.RequestForm(formdata=None, data=told).with_claims(len(project.indicators))


def acceptance_screen(
    project: Project,
    concluding: forms.ConcludeForm | None = None,
    missing: forms.MissingForm | None = None,
    experts: forms.ExpertsForm | None = None,
    surplus: tuple[UUID, forms.SurplusForm] | None = None,
) -> Screen:
    """How the acceptance stands, for the team and the office."""
    acceptance, around = project.acceptance, frame(project)
    manages = around["may_manage"]
    naming = acceptance is not None and acceptance.standing is Standing.NAMING and manages
    page = render_template(
        "acceptance/shown.html",
        concluding=concluding or _concluding(acceptance),
        missing=missing or forms.MissingForm(formdata=None),
        experts=experts
        or (experts_form(acceptance, empty=True) if naming and acceptance else None),
        surplus=_surplus(acceptance, surplus),
        standing=acceptance.standing if acceptance else Standing.NONE,
        least=rules.EXPERTS,
        overdue=_overdue(acceptance),
        **_facts(acceptance),
        **around,
    )
    wrong = concluding or missing or experts or surplus
    return page, 422 if wrong else 200


def _overdue(acceptance: Acceptance | None) -> bool:
    return acceptance is not None and rules.is_overdue(acceptance.state, acceptance.again_by, now())


def _concluding(acceptance: Acceptance | None) -> forms.ConcludeForm:
    """What the experts advise is chosen already."""
    joint = acceptance.joint if acceptance else None
    return forms.ConcludeForm(formdata=None, data={"verdict": joint.value if joint else None})


def _surplus(
    acceptance: Acceptance | None, sent: tuple[UUID, forms.SurplusForm] | None
) -> dict[UUID, forms.SurplusForm]:
    lines = acceptance.lines if acceptance and acceptance.concluded_at else []
    due = [line.id for line in lines if line.goes_back and not line.voucher]
    empty = {one: forms.SurplusForm(formdata=None).among(one) for one in due}
    return {**empty, **(dict([sent]) if sent else {})}


def experts_form(acceptance: Acceptance, empty: bool = False) -> forms.ExpertsForm:
    """The experts who can be named, with those who sit already."""
    form = forms.ExpertsForm(formdata=None) if empty else forms.ExpertsForm()
    return form.offering(_people(acceptance))


def _people(acceptance: Acceptance) -> Iterator[tuple[str, str]]:
    sitting = [one.reviewer for one in acceptance.sitting]
    for one in [*sitting, *queries.candidates(db.session, acceptance, now())]:
        words = [one.person.name, one.organisation.name, one.title]
        yield str(one.id), " · ".join(word for word in words if word)


def examined_screen(
    acceptance: Acceptance,
    opinion: forms.OpinionForm | None = None,
    joint: forms.JointForm | None = None,
    leaving: forms.LeaveForm | None = None,
) -> Screen:
    """What experts examine; each sees the others' opinions when the joint one is to be written."""
    seat, project = policy.seat_of(actor(), acceptance), acceptance.project
    said = {"opinion": seat.opinion.value, "words": seat.words} if seat and seat.opinion else {}
    page = render_template(
        "acceptance/examined.html",
        project=project,
        seat=seat,
        opinion=opinion or forms.OpinionForm(formdata=None, data=said),
        joint=joint or forms.JointForm(formdata=None),
        leaving=leaving or forms.LeaveForm(formdata=None),
        standing=acceptance.standing,
        overdue=_overdue(acceptance),
        ready=queries.readiness_of(project),
        sees_project=bool(project_policy.may_see(actor(), project)),
        **_facts(acceptance),
    )
    return page, 422 if opinion or joint or leaving else 200


def require_seat(acceptance: Acceptance) -> None:
    """Raise NotAllowed for who reads, but does not examine."""
    policy.may_judge(actor(), acceptance).enforce()


def _facts(acceptance: Acceptance | None) -> dict[str, Any]:
    """What every page of an acceptance shows of it."""
    if acceptance is None:
        return {"acceptance": None, "tone": "neutral", "claims": []}
    return {
        "acceptance": acceptance,
        "tone": TONES.get(acceptance.state, "active"),
        "claims": [_claim(one) for one in acceptance.claims],
        "knows_experts": bool(policy.may_know_experts(actor(), acceptance)),
    }


def _claim(one: Any) -> dict[str, Any]:
    row = one.indicator
    return {
        "row": row,
        "claim": one,
        "measured": row.measured_value,
        "is_words": row.operator.value == "qualitative",
    }
