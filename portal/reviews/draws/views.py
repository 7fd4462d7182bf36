"""The page of a challenge's draw: for everybody what was fixed, for some the next step."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from portal.audit import checkpoints
from portal.audit.rules import Occasion
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core.crypto import canonical
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.fields import PortalForm
from portal.core.web import (
    actor,
    done,
    download,
    limiter,
    now,
    public,
    see_other,
    signed_in,
    signer,
    visitor,
)
from portal.core.words import N_
from portal.reviews.draws import freezing, giving, policy, queries, screens, service
from portal.reviews.draws.forms import AbandonForm, BindForm, FreezeForm, NumbersForm, ShowForm
from portal.reviews.draws.record import record_of

pages = Blueprint("draws", __name__)
Page = AnyResponse | tuple[str, int]


def _visible(code: str) -> Challenge:
    """A challenge that is published. Raises NotFound."""
    challenge = challenges.visible_by_code(db.session, visitor(), code)
    if challenge is None or challenge.published_at is None:
        raise NotFound
    return challenge


@pages.get("/challenges/<code>/draw")
@public
def page(code: str) -> Page:
    """How far the draw is, what was fixed, and the order once it is drawn."""
    return _page(_visible(code))


def _page(challenge: Challenge, form: PortalForm | None = None) -> tuple[str, int]:
    facts = screens.page_of(db.session, visitor(), challenge)
    forms = {kind: kind(formdata=None) for kind in (FreezeForm, AbandonForm, BindForm)}
    forms |= {kind: kind(formdata=None) for kind in (ShowForm, NumbersForm)}
    if facts["may_freeze"]:
        forms[FreezeForm].offer(queries.possible_present(db.session, challenge))
    if form is not None:
        forms[type(form)] = form
    named = {kind.__name__.removesuffix("Form").lower(): one for kind, one in forms.items()}
    base = current_app.extensions["portal_settings"].base_url.rstrip("/")
    text = render_template("reviews/draws/page.html", **facts, **named, base=base)
    return text, 422 if form is not None and form.errors else 200


Act = Callable[[], object]


def _done(challenge: Challenge, form: PortalForm, act: Act, told: str) -> Page:
    """Do what a form asks, put what was fixed under a checkpoint at once, and show the page."""
    try:
        if form.validate_on_submit():
            act()
            checkpoints.make(signer(), Occasion.DRAW, now())
            done(told)
            return see_other("draws.page", code=challenge.code)
    except (Invalid, InvalidInput) as error:
        form.place(error)
    return _page(challenge, form)


@pages.post("/challenges/<code>/draw/freeze")
@signed_in
def freeze(code: str) -> Page:
    """Freeze the pool, and name the outside values."""
    challenge, form = _visible(code), FreezeForm()
    policy.may_lead(actor(), challenge).enforce()
    form.offer(queries.possible_present(db.session, challenge))
    return _done(
        challenge,
        form,
        lambda: freezing.freeze(actor(), challenge.id, form.plan(), now()),
        N_("The pool is frozen. Those who are present have been told."),
    )


@pages.post("/challenges/<code>/draw/abandon")
@signed_in
def abandon(code: str) -> Page:
    """Give the draw up, with a reason."""
    challenge, form = _visible(code), AbandonForm()
    policy.may_lead(actor(), challenge).enforce()
    return _done(
        challenge,
        form,
        lambda: service.abandon(actor(), challenge.id, form.reason.data, now()),
        N_("The draw is abandoned; the next one has begun."),
    )


@pages.post("/challenges/<code>/draw/further")
@signed_in
def further(code: str) -> AnyResponse:
    """Begin a further draw."""
    challenge = _visible(code)
    service.go_on(actor(), challenge.id, now())
    done(N_("A further draw has begun: freeze its pool next."))
    return see_other("draws.page", code=code)


def _present_at(code: str) -> Challenge:
    """A challenge at whose draw one is present. Raises NotFound, NotAllowed."""
    challenge = _visible(code)
    draw = queries.current(db.session, challenge.id)
    policy.may_be_present(actor(), draw).enforce()
    return challenge


@pages.post("/challenges/<code>/draw/phrase")
@signed_in
def bind(code: str) -> Page:
    """Hand in the fingerprint of a phrase."""
    challenge, form = _present_at(code), BindForm()
    return _done(
        challenge,
        form,
        lambda: giving.bind(actor(), challenge.id, form.phrase.data, form.fingerprint.data, now()),
        N_("The fingerprint of your phrase is handed in. Keep the phrase: you type it once more."),
    )


@pages.post("/challenges/<code>/draw/show")
@signed_in
def show(code: str) -> Page:
    """Show the phrase; the last one draws."""
    challenge, form = _present_at(code), ShowForm()
    return _done(
        challenge,
        form,
        lambda: giving.show(actor(), challenge.id, form.phrase.data, now()),
        N_("Your phrase is shown."),
    )


@pages.post("/challenges/<code>/draw/numbers")
@signed_in
def numbers(code: str) -> Page:
    """Type the lottery's numbers; the second who types the same draws."""
    challenge, form = _present_at(code), NumbersForm()
    return _done(
        challenge,
        form,
        lambda: giving.type_numbers(actor(), challenge.id, form.numbers.data, now()),
        N_("The numbers are noted."),
    )


@pages.get("/challenges/<code>/draw.json")
@public
@limiter.limit("60 per hour")
def record(code: str) -> Response:
    """The record of a draw, as `verify draw` reads it; the last, or number `number`."""
    challenge = _visible(code)
    made = queries.drawn(db.session, challenge.id)
    number = request.args.get("number", made[-1].number if made else 0, type=int)
    found = next((one for one in made if one.number == number), None)
    facts = record_of(db.session, found) if found else None
    if facts is None:
        raise NotFound
    return download(canonical(facts), "application/json", f"{code}-draw-{number}.json")


@pages.get("/challenges/<code>/draw/aliases.json")
@signed_in
def aliases(code: str) -> Response:
    """Who the aliases are, for auditors; this leaves an entry."""
    challenge = _visible(code)
    number = request.args.get("number", 1, type=int)
    facts = service.open_aliases(actor(), challenge.id, number, now())
    return download(canonical(facts), "application/json", f"{code}-aliases-{number}.json")
