"""Pages of the assignment for a call: asking, looking, putting right, comparing, releasing."""

import zlib
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.audit.service import note_export
from portal.challenges.models import Call
from portal.core import jobs
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, download, locale_code, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.allotment import policy, queries, releasing, screens, service, topics
from portal.reviews.allotment.changing import Changing
from portal.reviews.allotment.forms import AskForm, OrderForm, SwapForm
from portal.reviews.allotment.models import Allotment, Scenario
from portal.reviews.allotment.rules import OrderKind, ScenarioState, Wanted

pages = Blueprint("allotment", __name__)
Page = Response | str | tuple[str, int]


def _call(number: str) -> Call:
    call = queries.call_numbered(db.session, number)
    if not policy.may_watch(actor(), call):
        raise NotFound
    return call


def _scenario(number: str, which: int) -> Scenario:
    return queries.scenario(db.session, queries.current(db.session, _call(number).id), which)


def _allotment(number: str) -> Allotment:
    found = queries.current(db.session, _call(number).id)
    if found is None:
        raise NotFound
    return found


@pages.route("/calls/<number>/allotment", methods=["GET", "POST"])
@signed_in
def page(number: str) -> Page:
    """The scenarios of a call, what is ordered, and the form that asks for another solution."""
    call = _call(number)
    if request.method == "POST":
        policy.may_prepare(actor(), call).enforce()
    found = queries.current(db.session, call.id)
    places = queries.under_review(db.session, call.id)
    form = AskForm.of(*_last(found, places))
    if form.validate_on_submit():
        try:
            told = form.topics([one.id for one in places])
            job = service.ask(actor(), call.id, form.wanted, told, now())
            return see_other("jobs.shown", job_id=job.id)
        except Invalid as error:
            form.place(error)
    return _overview(call, found, form, places), 422 if form.errors else 200


def _last(found: Allotment | None, places: Any) -> tuple[Wanted, list[str]]:
    """What was asked for last; the first time what the call's challenges are set to."""
    known = found.topics if found else {}
    wanted = found.scenarios[-1].wanted if found and found.scenarios else Wanted()
    lines = []
    for one in places:
        text = "\n".join((one.title, one.field, one.summary, one.content))
        codes = known.get(str(one.id)) or topics.suggested(text)
        lines.append(topics.shown(codes, locale_code()))
    return wanted, lines


def _overview(call: Call, found: Allotment | None, form: AskForm, places: Any) -> str:
    subject = found.subject_ref if found else ""
    return render_template(
        "reviews/allotment/page.html",
        call=call,
        allotment=found,
        form=form,
        lines=list(zip(places, form.lines, strict=True)),
        states=screens.states(db.session, found) if found else {},
        solved=[one for one in found.scenarios if one.figures] if found else [],
        orders=queries.orders(db.session, found.id) if found else [],
        may_prepare=policy.may_prepare(actor(), call),
        may_change=bool(found and policy.may_change(actor(), found)),
        job=jobs.latest(db.session, service.KIND, subject) if found else None,
    )


@pages.get("/calls/<number>/allotment/<int:which>")
@signed_in
def scenario(number: str, which: int) -> str:
    """One scenario: plots, the worst-served bids, and who reads what and why; or what is lacking."""
    found = _scenario(number, which)
    told: dict[str, Any] = {}
    if found.state is ScenarioState.SOLVED:
        after = request.args.get("after", 0, type=int)
        told = screens.preview(db.session, found, min(max(after, 0), 1 << 31))
    elif found.state is ScenarioState.SHORT:
        told = screens.shortfall(db.session, found)
    allotment = found.allotment
    may = policy.may_release(actor(), allotment, found)
    return render_template(
        "reviews/allotment/scenario.html",
        call=allotment.call,
        allotment=allotment,
        scenario=found,
        figures=found.figures,
        state=screens.states(db.session, allotment)[found.id],
        may_release=may,
        may_change=policy.may_change(actor(), allotment),
        **told,
    )


@pages.get("/calls/<number>/allotment/compared")
@signed_in
def compared(number: str) -> str:
    """Two scenarios side by side."""
    one, other = (
        _scenario(number, request.args.get(name, 0, type=int)) for name in ("one", "other")
    )
    if ScenarioState.SHORT in (one.state, other.state) or not (one.figures and other.figures):
        raise NotFound
    told = screens.comparison(db.session, one, other)
    call = one.allotment.call
    return render_template(
        "reviews/allotment/compared.html", call=call, one=one, other=other, **told
    )


@pages.get("/calls/<number>/allotment/<int:which>/instance.json")
@signed_in
def instance(number: str, which: int) -> Response:
    """What was solved, for `jiebang assign`."""
    found = _scenario(number, which)
    if found.instance is None:
        raise NotFound
    name = f"{number}-{which}.json"
    note_export(actor(), found.allotment.subject_ref, "instance.json", now())
    return download(zlib.decompress(found.instance), "application/json", name)


@pages.route("/calls/<number>/allotment/<int:which>/bids/<uuid:bid_id>", methods=["GET", "POST"])
@signed_in
def bid(number: str, which: int, bid_id: UUID) -> Page:
    """One bid of a scenario, and what an officer orders about it."""
    found = _scenario(number, which)
    if request.method == "POST":
        policy.may_change(actor(), found.allotment).enforce()
    changing = Changing(db.session, found, bid_id)
    order, swap = _forms(changing)
    sent = order if "expert" in request.form else swap
    if sent.validate_on_submit() and sent.takes(lambda: _ordered(found.allotment, bid_id, sent)):
        done(N_("It holds from the next solution on: solve again when you have ordered all."))
        return see_other("allotment.page", number=number)
    return _bid_page(found, changing, order, swap), 422 if sent.errors else 200


def _ordered(allotment: Allotment, bid_id: UUID, sent: OrderForm | SwapForm) -> None:
    if isinstance(sent, SwapForm):
        own = bid_id, UUID(sent.own.data)
        service.swap(actor(), allotment.id, own, sent.pair, sent.reason.data, now())
        return
    pair, kind = (bid_id, UUID(sent.expert.data)), OrderKind(sent.kind.data)
    service.order(actor(), allotment.id, pair, kind, sent.reason.data, now())


def _forms(changing: Changing) -> tuple[OrderForm, SwapForm]:
    """Each with ids of its own; the one that was not sent stays empty."""
    sends_order = "expert" in request.form
    order = OrderForm() if sends_order else OrderForm(formdata=None)
    swap = SwapForm(formdata=None) if sends_order else SwapForm()
    own = {str(one.reviewer_id): one.reviewer.person.name for one in changing.readers}
    more = {str(one.reviewer.id): one.reviewer.person.name for one in changing.following()}
    order.offer({**own, **more})
    swap.offer(
        own,
        {
            f"{one.other.bid_id} {one.other.reviewer_id}": (
                f"{one.other.reviewer.person.name} · {one.other.bid.lead.name} ({one.gain:+.2f})"
            )
            for one in changing.exchanges()
        },
    )
    return order, swap.among("swap")


def _bid_page(found: Scenario, changing: Changing, order: OrderForm, swap: SwapForm) -> str:
    return render_template(
        "reviews/allotment/bid.html",
        call=found.allotment.call,
        scenario=found,
        shown=screens.bids_shown(changing.readers)[0],
        following=changing.following(),
        order=order,
        swap=swap,
        may_change=policy.may_change(actor(), found.allotment),
    )


@pages.post("/calls/<number>/allotment/orders/<uuid:bid_id>/<uuid:reviewer_id>/take-back")
@signed_in
def take_back(number: str, bid_id: UUID, reviewer_id: UUID) -> Response:
    """An order no longer holds."""
    service.take_back(actor(), _allotment(number).id, (bid_id, reviewer_id), now())
    done(N_("The order is taken back."))
    return see_other("allotment.page", number=number)


@pages.post("/calls/<number>/allotment/<int:which>/release")
@signed_in
def release(number: str, which: int) -> Response:
    """Begin the rounds and invite."""
    releasing.release(actor(), _allotment(number).id, which, now())
    done(N_("The rounds have begun, and every expert has one invitation for all bids."))
    return see_other("allotment.scenario", number=number, which=which)
