"""The officers' page of an opening key, and the custodians' own: print a share, prove it."""

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.challenges.keys import policy, queries, service
from portal.challenges.keys.forms import NamingForm, ProveForm, TakeForm
from portal.challenges.keys.models import KeyShare
from portal.challenges.keys.screens import TONES, standings
from portal.challenges.models import Challenge
from portal.challenges.queries import PAGE
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, cursor, done, now, place_of, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("keys", __name__)
Page = Response | str | tuple[str, int]


@pages.get("/desk/challenges/<uuid:challenge_id>/opening-key")
@signed_in
def of_challenge(challenge_id: UUID) -> Page:
    """The three custodians, how far they have come, and choosing them."""
    challenge = queries.visible(db.session, actor(), challenge_id)
    return _key_page(challenge, _naming(challenge, NamingForm(formdata=None)))


@pages.post("/desk/challenges/<uuid:challenge_id>/opening-key")
@signed_in
def name(challenge_id: UUID) -> Page:
    """Choose the custodians."""
    challenge = queries.visible(db.session, actor(), challenge_id)
    key = queries.key_of(db.session, challenge_id)
    policy.may_name(actor(), challenge, key, now()).enforce()
    form = _naming(challenge, NamingForm())
    if not form.validate_on_submit():
        return _key_page(challenge, form)
    try:
        service.name(actor(), challenge_id, form.chosen(), now())
    except InvalidInput as error:
        form.place(error)
        return _key_page(challenge, form)
    done(N_("The custodians are chosen. Each is told when the challenge is published."))
    return see_other("keys.of_challenge", challenge_id=challenge_id)


def _naming(challenge: Challenge, form: NamingForm) -> NamingForm:
    """The form, with those who are chosen, or whom the body chose last."""
    form.offer(queries.candidates(db.session, challenge))
    if request.method == "GET":
        for holder, person_id in queries.chosen(db.session, challenge).items():
            form.select(holder, person_id)
    return form


def _key_page(challenge: Challenge, form: NamingForm) -> tuple[str, int]:
    key = queries.key_of(db.session, challenge.id)
    page = render_template(
        "keys/key.html",
        challenge=challenge,
        key=key,
        standings=standings(key, now()),
        may_name=policy.may_name(actor(), challenge, key, now()),
        form=form,
    )
    return page, 422 if form.errors else 200


@pages.get("/desk/shares")
@signed_in
def mine() -> str:
    """The shares that one holds."""
    rows = queries.own_shares(db.session, actor(), cursor("before"))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = url_for("keys.mine", before=place_of(last.named_at, last.id)) if last else None
    return render_template("keys/mine.html", rows=rows[:PAGE], older=older, tones=TONES)


@pages.get("/desk/shares/<uuid:share_id>")
@signed_in
def share(share_id: UUID) -> Page:
    """One's own share: what it is, and the next step."""
    return _share_page(share_id)


def _share_page(
    share_id: UUID, taking: TakeForm | None = None, proving: ProveForm | None = None
) -> Page:
    found = queries.own_share(db.session, actor(), share_id)
    taking, proving = taking or TakeForm(formdata=None), proving or ProveForm(formdata=None)
    page = render_template(
        "keys/share.html",
        share=found,
        challenge=found.key.challenge,
        key=found.key,
        standings=standings(found.key, now()),
        may_take=policy.may_take(actor(), found, now()),
        may_prove=policy.may_prove(actor(), found, now()),
        taking=taking,
        proving=proving,
        tones=TONES,
    )
    return _unkept(page, 422 if taking.errors or proving.errors else 200)


def _unkept(page: str, status: int = 200) -> Response:
    """A page that no browser and no proxy keeps: a share may be on it."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/desk/shares/<uuid:share_id>/take")
@signed_in
def take(share_id: UUID) -> Page:
    """Make one's share and show it, this once: a sheet to print."""
    queries.own_share(db.session, actor(), share_id)
    form = TakeForm()
    if not form.validate_on_submit():
        return _share_page(share_id, taking=form)
    try:
        printed, taken = service.take(actor(), share_id, form.password.data, now())
    except Invalid as error:
        form.place(error)
        return _share_page(share_id, taking=form)
    return _unkept(_sheet(printed, taken))


def _sheet(printed: str, taken: KeyShare) -> str:
    return render_template(
        "keys/sheet.html",
        groups=printed.split("-"),
        share=taken,
        challenge=taken.key.challenge,
    )


@pages.post("/desk/shares/<uuid:share_id>/prove")
@signed_in
def prove(share_id: UUID) -> Page:
    """Prove the printed share by typing it."""
    queries.own_share(db.session, actor(), share_id)
    form = ProveForm()
    if not form.validate_on_submit():
        return _share_page(share_id, proving=form)
    try:
        service.prove(actor(), share_id, form.share.data, now())
    except Invalid as error:
        form.place(error)
        return _share_page(share_id, proving=form)
    done(N_("Your share is proven. Put the sheet into an envelope, seal it, and lock it away."))
    return see_other("keys.share", share_id=share_id)
