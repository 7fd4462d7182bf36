"""Pages of the formal check: the officer's list of one bid, and what the team sees of it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids import screens as bid_screens
from portal.bids import service as bids
from portal.bids.checks import policy, queries, screens, service, team
from portal.bids.checks.forms import (
    AnswerForm,
    CorrectedForm,
    CorrectionForm,
    DecisionForm,
    RefusalForm,
    ReplyForm,
)
from portal.bids.checks.screens import Sheet
from portal.bids.models import Bid
from portal.bids.opened_list import next_to_check
from portal.bids.views import visible
from portal.challenges import policy as challenge_policy
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound, Overtaken
from portal.core.fields import PortalForm
from portal.core.web import actor, done, now, see_other, signed_in, stamp, store, translated
from portal.core.words import N_

pages = Blueprint("checks", __name__)
Page = AnyResponse | tuple[str, int]


def _of_papers(bid_id: UUID) -> Bid:
    bid = visible(bid_id)
    bid_policy.may_see_check(actor(), bid).enforce()
    return bid


@pages.get("/bids/<uuid:bid_id>/check")
@signed_in
def shown(bid_id: UUID) -> Page:
    """The formal check of one bid."""
    bid = _of_papers(bid_id)
    page = _page(bid, screens.sheet_of(db.session, bid))
    bids.note_reading(actor(), bid, "check", now())
    return page


def _page(bid: Bid, sheet: Sheet, form: PortalForm | None = None, status: int = 200) -> Page:
    given = type(form)
    version = bid_queries.submitted_version(db.session, bid)
    html = render_template(
        "checks/check.html",
        bid=bid,
        challenge=bid.challenge,
        version=version,
        terms=version.terms,
        sheet=sheet,
        matrix=bid_screens.matrix(bid.challenge, version.terms),
        taken=queries.desks(db.session, [bid.id]).get(bid.id),
        asking=form if given is CorrectionForm else CorrectionForm(formdata=None),
        refusing=form if given is RefusalForm else RefusalForm(formdata=None),
        deciding=form if given is DecisionForm else DecisionForm(formdata=None),
        may_check=policy.may_check(actor(), bid, now()),
        may_ask=policy.may_ask_correction(actor(), bid, now()),
        may_decide=policy.may_decide_reply(actor(), bid),
        reply_until=queries.reply_until(bid),
        following=next_to_check(bid.challenge_id, besides=bid.id),
        tone=bid_screens.TONES[bid.state],
        **bid_screens.line_of(bid.challenge, now()),
    )
    return html, status


@pages.post("/bids/<uuid:bid_id>/check/take")
@signed_in
def take(bid_id: UUID) -> AnyResponse:
    """Say that one is at this bid."""
    _of_papers(bid_id)
    service.take(actor(), bid_id, stamp())
    done(N_("You are at this bid now; the list of bids shows it."))
    return see_other("checks.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/check/items/<key>")
@signed_in
def answer(bid_id: UUID, key: str) -> Page:
    """Answer one item."""
    bid, form, status = _of_papers(bid_id), AnswerForm(), 422
    challenge_policy.may_manage(actor(), bid.challenge).enforce()
    if form.validate():
        try:
            facts = (form.answer(), form.revision(), stamp(), store())
            service.answer_item(actor(), bid_id, key, *facts)
        except InvalidInput as error:
            form.place(error)
        except Overtaken as error:
            form.form_errors, status = [translated(error.message)], 409
            screens.refresh(form, queries.answers(db.session, bid_id).get(key))
        else:
            done(N_("The answer is saved."))
            return see_other("checks.shown", bid_id=bid_id, _anchor="list")
    sheet = screens.sheet_of(db.session, bid, form, key, status == 409)
    return _page(bid, sheet, status=status)


@pages.post("/bids/<uuid:bid_id>/check/pass")
@signed_in
def pass_check(bid_id: UUID) -> AnyResponse:
    """Every item holds."""
    bid = _of_papers(bid_id)
    service.pass_check(actor(), bid_id, stamp(), store())
    done(N_("The bid has passed the formal check."))
    return see_other("bids.opening", code=bid.challenge.code)


def _acted(bid: Bid, form: PortalForm, act: Callable[[], object], said: str) -> Page:
    """Do what an officer typed, or show the page with what is wrong."""
    if form.validate() and form.takes(act):
        done(said)
        return see_other("bids.opening", code=bid.challenge.code)
    return _page(bid, screens.sheet_of(db.session, bid), form, 422)


@pages.post("/bids/<uuid:bid_id>/check/refuse")
@signed_in
def refuse(bid_id: UUID) -> Page:
    """Refuse the bid, with the reason."""
    bid, form = _of_papers(bid_id), RefusalForm()
    challenge_policy.may_manage(actor(), bid.challenge).enforce()

    def act() -> None:
        service.refuse(actor(), bid_id, form.reason.data, stamp(), store())

    return _acted(bid, form, act, N_("The bid is refused; the team is told and may reply."))


@pages.post("/bids/<uuid:bid_id>/check/correction")
@signed_in
def ask_correction(bid_id: UUID) -> Page:
    """Ask for a correction."""
    bid, form = _of_papers(bid_id), CorrectionForm()
    challenge_policy.may_manage(actor(), bid.challenge).enforce()

    def act() -> None:
        facts = (form.named(), form.remark.data, form.days.data, stamp())
        service.ask_correction(actor(), bid_id, *facts)

    return _acted(bid, form, act, N_("The correction is asked for; the team is told."))


@pages.post("/bids/<uuid:bid_id>/check/reply")
@signed_in
def decide_reply(bid_id: UUID) -> Page:
    """Decide on the reply to a refusal."""
    bid, form = _of_papers(bid_id), DecisionForm()
    policy.may_decide_reply(actor(), bid).enforce()

    def act() -> None:
        upheld = form.upheld.data == "yes"
        service.decide_reply(actor(), bid_id, upheld, form.decision.data, stamp())

    return _acted(bid, form, act, N_("The reply is decided; the team is told."))


def _of_team(bid_id: UUID) -> Bid:
    bid = visible(bid_id)
    if not bid_policy.is_team(actor(), bid):
        raise NotFound
    return bid


@pages.get("/bids/<uuid:bid_id>/formal-check")
@signed_in
def result(bid_id: UUID) -> Page:
    """What the team sees: the outcome, what is to be corrected, how to reply."""
    return _result(_of_team(bid_id), CorrectedForm(formdata=None), ReplyForm(formdata=None))


def _result(bid: Bid, corrected: CorrectedForm, replying: ReplyForm) -> tuple[str, int]:
    decided = bid.check is not None and bid.check.decided_at is not None
    html = render_template(
        "checks/result.html",
        bid=bid,
        challenge=bid.challenge,
        sheet=screens.sheet_of(db.session, bid) if decided else None,
        corrected=corrected,
        replying=replying,
        may_hand_in=policy.may_hand_in_correction(actor(), bid, now()),
        may_reply=policy.may_reply(actor(), bid, now()),
        reply_until=queries.reply_until(bid),
        tone=bid_screens.TONES[bid.state],
        **bid_screens.line_of(bid.challenge, now()),
    )
    return html, 422 if corrected.errors or replying.errors else 200


@pages.post("/bids/<uuid:bid_id>/formal-check/correction")
@signed_in
def correct(bid_id: UUID) -> Page:
    """Hand in the correction."""
    bid, form = _of_team(bid_id), CorrectedForm()
    policy.may_hand_in_correction(actor(), bid, now()).enforce()
    if form.validate():
        try:
            version = team.hand_in_correction(actor(), bid_id, form.answer.data, stamp(), store())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The correction is handed in as version %(number)s."), number=version.number)
            return see_other("checks.result", bid_id=bid_id)
    return _result(bid, form, ReplyForm(formdata=None))


@pages.post("/bids/<uuid:bid_id>/formal-check/reply")
@signed_in
def reply(bid_id: UUID) -> Page:
    """Reply to a refusal."""
    bid, form = _of_team(bid_id), ReplyForm()
    policy.may_reply(actor(), bid, now()).enforce()
    if form.validate() and form.takes(lambda: team.reply(actor(), bid_id, form.text.data, stamp())):
        done(N_("The reply is handed in; another officer decides on it."))
        return see_other("checks.result", bid_id=bid_id)
    return _result(bid, CorrectedForm(formdata=None), form)
