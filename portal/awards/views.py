"""Pages of the decision, the public notice and objections."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.awards import policy, queries, rules, service
from portal.awards.forms import AnswerForm, ClosingForm, DecisionForm, ObjectionForm
from portal.awards.models import Notice
from portal.awards.queries import Case
from portal.awards.rules import ObjectionState
from portal.awards.stage_line import stage_line_of
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.parts import shared
from portal.core.web import actor, cursor, done, now, public, see_other, signed_in, visitor
from portal.core.words import N_

pages = Blueprint("awards", __name__)
PAGE = 20
Page = Response | tuple[str, int]


@pages.route("/challenges/<code>/decision", methods=["GET", "POST"])
@signed_in
def decision(code: str) -> Page:
    """Take the decision, and carry it through to the award."""
    case = _case(code)
    if request.method == "POST":
        policy.may_decide(actor(), case.challenge).enforce()
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            chosen, meeting, reason = (
                form.winners.data,
                form.meeting.data,
                form.deviation_reason.data,
            )
            service.decide(actor(), case.challenge.id, chosen or [], meeting, reason or "", now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The decision is kept as a draft. Publish the notice when it is right."))
            return see_other("awards.decision", code=code)
    return _decision_page(_case(code), decision=form)


@pages.post("/challenges/<code>/decision/close")
@signed_in
def close(code: str) -> Page:
    """End a challenge in which nobody passed."""
    case, form = _case(code), ClosingForm()
    policy.may_decide(actor(), case.challenge).enforce()
    if form.validate_on_submit():
        try:
            service.close_without_award(actor(), case.challenge.id, form.reason.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The challenge is closed without an award."))
            return see_other("awards.decision", code=code)
    return _decision_page(_case(code), closing=form)


@pages.post("/notices/<uuid:notice_id>/publish")
@signed_in
def publish(notice_id: UUID) -> Response:
    """Publish the notice."""
    service.publish_notice(actor(), notice_id, now())
    done(N_("The notice is published; the time for objections has begun."))
    return see_other("awards.decision", code=_code_of(notice_id))


@pages.post("/notices/<uuid:notice_id>/withdraw")
@signed_in
def withdraw(notice_id: UUID) -> Response:
    """Take the notice back after an upheld objection."""
    service.withdraw_notice(actor(), notice_id, now())
    done(N_("The notice is withdrawn. Decide again."))
    return see_other("awards.decision", code=_code_of(notice_id))


@pages.post("/notices/<uuid:notice_id>/confirm")
@signed_in
def confirm(notice_id: UUID) -> Response:
    """Confirm the award."""
    service.confirm(actor(), notice_id, now())
    done(N_("The award is confirmed. The projects are being set up."))
    return see_other("awards.decision", code=_code_of(notice_id))


@pages.post("/objections/<uuid:objection_id>/answer")
@signed_in
def answer(objection_id: UUID) -> Page:
    """Answer an objection."""
    code = _code_of(queries.objection(db.session, objection_id).notice_id)
    policy.may_decide(actor(), _case(code).challenge).enforce()
    form = AnswerForm().among(objection_id)
    if form.validate_on_submit():
        try:
            upheld = form.verdict.data == ObjectionState.UPHELD.value
            service.answer_objection(actor(), objection_id, upheld, form.answer.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The objection is answered."))
            return see_other("awards.decision", code=code)
    return _decision_page(_case(code), answers={objection_id: form})


@pages.get("/notices")
@public
@shared
def notices() -> str:
    """Published notices, newest first."""
    rows = queries.public_list(db.session, cursor("before"), PAGE + 1)
    return render_template(
        "awards/notices.html",
        rows=rows[:PAGE],
        more=rows[PAGE:],
        first="before" not in request.args,
    )


@pages.get("/notices/<code>")
@pages.get("/notices/<code>/<int(max=9999):number>")
@public
def notice(code: str, number: int | None = None) -> Page:
    """One notice as an official paper."""
    found = queries.public_notice(db.session, code, number)
    if found is None:
        raise NotFound
    return _notice_page(found, ObjectionForm(formdata=None))


@pages.post("/notices/<uuid:notice_id>/objections")
@signed_in
def object_to(notice_id: UUID) -> Page:
    """Raise an objection."""
    code, form = _notice(notice_id).challenge.code, ObjectionForm()
    policy.may_object(actor(), _notice(notice_id)).enforce()
    if form.validate_on_submit():
        try:
            service.raise_objection(actor(), notice_id, form.text.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(
                N_("Your objection is received. The answer will be in your inbox and on this page.")
            )
            return see_other("awards.notice", code=code)
    found = queries.public_notice(db.session, code)
    if found is None:
        raise NotFound
    return _notice_page(found, form)


def _case(code: str) -> Case:
    case = queries.case_visible_to(db.session, actor(), code)
    if case is None:
        raise NotFound
    return case


def _notice(notice_id: UUID) -> Notice:
    found = db.session.get(Notice, notice_id)
    if found is None:
        raise NotFound
    return found


def _code_of(notice_id: UUID) -> str:
    return _notice(notice_id).challenge.code


def _decision_page(
    case: Case,
    decision: DecisionForm | None = None,
    closing: ClosingForm | None = None,
    answers: dict[UUID, AnswerForm] | None = None,
) -> tuple[str, int]:
    """The officer's page, with whichever form was just sent as it was typed."""
    notice = case.notice
    raised = [o for o in notice.objections if o.state is ObjectionState.RAISED] if notice else []
    empty = {o.id: AnswerForm(formdata=None).among(o.id) for o in raised}
    sent = decision if decision is not None and decision.is_submitted() else None
    page = render_template(
        "awards/decision.html",
        case=case,
        notice=notice,
        form=sent or _prefilled(case),
        closing=closing or ClosingForm(formdata=None),
        answers={**empty, **(answers or {})},
        step=queries.next_step(notice, now()) if notice else None,
        policy=policy,
        may_decide=policy.may_decide(actor(), case.challenge),
        stages=stage_line_of(case.challenge, notice, now()),
    )
    return page, 422 if sent or closing or answers else 200


def _prefilled(case: Case) -> DecisionForm:
    """The order of the ranking, or what the draft says."""
    if case.notice:
        chosen = [place.bid_id for place in case.notice.winners]
        meeting, reason = case.notice.meeting, case.notice.deviation_reason
        return DecisionForm(
            formdata=None,
            data={"winners": chosen, "meeting": meeting, "deviation_reason": reason},
        )
    chosen = rules.proposed(case.ranked, case.challenge.rules.winners)
    return DecisionForm(formdata=None, data={"winners": chosen})


def _notice_page(notice: Notice, form: ObjectionForm) -> tuple[str, int]:
    page = render_template(
        "awards/notice.html",
        notice=notice,
        form=form,
        numbers=queries.numbers(db.session, notice.challenge_id),
        own=queries.own_objections(db.session, visitor(), notice),
        states=queries.states_of(notice),
        open=rules.window_open(notice.state, notice.window_ends_at, now()),
        may_object=policy.may_object(visitor(), notice),
        last_day=rules.last_day(notice.window_ends_at) if notice.window_ends_at else None,
        stages=stage_line_of(notice.challenge, notice, now()),
    )
    return page, 422 if form.errors else 200
