"""Pages of the decision and of the public notice."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.awards import paper, policy, queries, revising, rules, service
from portal.awards.forms import (
    ClosingForm,
    CorrectionForm,
    DecisionForm,
    PublishForm,
    RenunciationForm,
    WithdrawalForm,
)
from portal.awards.models import Notice
from portal.awards.queries import Case
from portal.awards.screens import decision_screen, notice_screen
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import actor, cursor, done, download, now, public, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("awards", __name__)
PAGE = 20
Page = Response | tuple[str, int]


@pages.route("/challenges/<code>/decision", methods=["GET", "POST"])
@signed_in
def decision(code: str) -> Page:
    """Take the decision, and carry it through to the award."""
    case = _case(code)
    if request.method == "GET":
        return decision_screen(case)
    policy.may_decide(actor(), case.challenge).enforce()
    form = DecisionForm()
    if form.validate_on_submit() and form.takes(lambda: _decide(case, form)):
        done(N_("The decision is kept as a draft. Publish the notice when it is right."))
        return see_other("awards.decision", code=code)
    return decision_screen(_case(code), {"decision": form})


def _decide(case: Case, form: DecisionForm) -> None:
    wording = form.wording(form.deviation_reason.data)
    chosen, seen, none = form.winners.data or [], form.seen.data, form.no_award.data
    service.decide(actor(), case.challenge.id, chosen, wording, now(), seen, none)


@pages.post("/challenges/<code>/decision/close")
@signed_in
def close(code: str) -> Page:
    """End a challenge in which nobody passed."""
    case, form = _case(code), ClosingForm()
    policy.may_decide(actor(), case.challenge).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: service.close_without_award(actor(), case.challenge.id, form.reason.data, now())
    ):
        done(N_("The challenge is closed without an award."))
        return see_other("awards.decision", code=code)
    return decision_screen(_case(code), {"closing": form})


@pages.post("/notices/<uuid:notice_id>/publish")
@signed_in
def publish(notice_id: UUID) -> Response:
    """Publish the notice."""
    service.publish_notice(actor(), notice_id, PublishForm().seen.data, now())
    done(N_("The notice is published; the time for objections has begun."))
    return see_other("awards.decision", code=_code_of(notice_id))


@pages.post("/notices/<uuid:notice_id>/correct")
@signed_in
def correct(notice_id: UUID) -> Page:
    """Publish a correction."""
    case, form = _case(_code_of(notice_id)), CorrectionForm().among("new")
    policy.may_decide(actor(), case.challenge).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: revising.correct_notice(actor(), notice_id, form.wording(form.reason.data), now())
    ):
        done(N_("The correction is published; the time for objections begins anew."))
        return see_other("awards.decision", code=case.challenge.code)
    return decision_screen(_case(case.challenge.code), {"correction": form})


@pages.post("/notices/<uuid:notice_id>/withdraw")
@signed_in
def withdraw(notice_id: UUID) -> Page:
    """Take the notice back, since it cannot stand."""
    case, form = _case(_code_of(notice_id)), WithdrawalForm().among("back")
    policy.may_decide(actor(), case.challenge).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: revising.withdraw_notice(actor(), notice_id, form.reason.data, now())
    ):
        done(N_("The notice is withdrawn. Decide again."))
        return see_other("awards.decision", code=case.challenge.code)
    return decision_screen(_case(case.challenge.code), {"withdrawal": form})


@pages.post("/notices/<uuid:notice_id>/confirm")
@signed_in
def confirm(notice_id: UUID) -> Response:
    """Confirm the award."""
    service.confirm(actor(), notice_id, now())
    done(N_("The award is confirmed. The projects are being set up."))
    return see_other("awards.decision", code=_code_of(notice_id))


@pages.get("/notices")
@public
@shared
def notices() -> str:
    """Published notices, newest first."""
    rows = queries.public_list(db.session, cursor("before"), PAGE + 1)
    return render_template(
        "awards/notices.html",
        rows=rows[:PAGE],
        states={one.id: rules.state_at(one.state, one.window_ends_at, now()) for one in rows},
        more=rows[PAGE:],
        first="before" not in request.args,
    )


@pages.get("/notices/<code>")
@pages.get("/notices/<code>/<int(max=9999):number>")
@public
def notice(code: str, number: int | None = None) -> Page:
    """One notice as an official paper."""
    return notice_screen(_public(code, number))


@pages.get("/notices/<code>/<int(max=9999):number>/paper")
@public
def printed(code: str, number: int) -> Response:
    """The notice as a PDF."""
    found = _public(code, number)
    return download(paper.made(found), "application/pdf", f"{code}-notice-{number}.pdf")


@pages.post("/notices/<uuid:notice_id>/renounce/<uuid:bid_id>")
@signed_in
def renounce(notice_id: UUID, bid_id: UUID) -> Page:
    """A winner steps back."""
    found, form = queries.public_by_id(db.session, notice_id), RenunciationForm().among("back")
    if found is None:
        raise NotFound
    policy.may_renounce(actor(), found, bid_id).enforce()
    if form.validate_on_submit() and form.takes(
        lambda: revising.renounce(actor(), notice_id, bid_id, form.reason.data, now())
    ):
        done(N_("You have stepped back. The issuing body is told."))
        return see_other("awards.notice", code=found.challenge.code)
    return notice_screen(found, renunciation=form)


def _public(code: str, number: int | None) -> Notice:
    found = queries.public_notice(db.session, code, number)
    if found is None:
        raise NotFound
    return found


def _case(code: str) -> Case:
    case = queries.case_visible_to(db.session, actor(), code)
    if case is None:
        raise NotFound
    return case


def _code_of(notice_id: UUID) -> str:
    found = db.session.get(Notice, notice_id)
    if found is None:
        raise NotFound
    return found.challenge.code
