"""Pages of a strict bid: the last page, going on with a saved file, taking what was sealed elsewhere."""

import json
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import policy
from portal.bids.models import Bid
from portal.bids.strict import key_files, last, service
from portal.bids.strict.forms import LARGEST_SAVED, LastForm, SavedForm, SealedForm
from portal.bids.views import visible
from portal.core.db import db
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, InvalidInput, NotFound
from portal.core.failures import tell
from portal.core.web import (
    actor,
    arrival,
    done,
    download,
    now,
    see_other,
    signed_in,
    stamp,
    store,
    translated,
)
from portal.core.words import N_

pages = Blueprint("strict", __name__)


def _strict(bid_id: UUID) -> Bid:
    """A strict bid, for its lead. Raises NotFound, NotAllowed."""
    bid = visible(bid_id)
    if not bid.is_strict:
        raise NotFound
    policy.may_lead(actor(), bid).enforce()
    return bid


@pages.route("/bids/<uuid:bid_id>/last-page", methods=["GET", "POST"])
@signed_in
def last_page(bid_id: UUID) -> last.Page:
    """Money and key people, and handing in; the answer is the file to save."""
    bid = _strict(bid_id)
    if request.method == "GET":
        policy.may_change(actor(), bid, now()).enforce()
        return last.page(last.blank(bid), bid)
    form = LastForm()
    if "fill" in request.form:
        return last.page(last.filled(form, bid), bid)
    made = None if form.added_row() else last.handed_in(form, bid)
    if made is not None:
        return _for_one_reader(last.saved(made, bid))
    return last.page(form, bid)


def _for_one_reader(html: str) -> Response:
    """A page that no cache keeps."""
    answer = Response(html)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.route("/bids/<uuid:bid_id>/go-on", methods=["GET", "POST"])
@signed_in
def go_on(bid_id: UUID) -> last.Page:
    """Go on with a bid that was handed in, from the file that was saved."""
    bid = _strict(bid_id)
    form = SavedForm() if request.method == "POST" else SavedForm(formdata=None)
    if request.method == "POST" and form.validate():
        try:
            return _gone_on(bid, form)
        except (Invalid, DeadlinePassed, IllegalMove) as error:
            form.saved.errors = [translated(error.message)]
    page = render_template("bids/strict/go_on.html", form=form, bid=bid, challenge=bid.challenge)
    return page, 422 if form.errors else 200


def _gone_on(bid: Bid, form: SavedForm) -> AnyResponse:
    saved = form.saved.upload.stream.read(LARGEST_SAVED)
    lost = service.go_on(actor(), bid.id, saved, stamp(), store())
    done(N_("The draft says again what was handed in, money and people aside."))
    if lost:
        names = gettext(", ").join(lost)
        done(N_("Please attach these files again: %(names)s"), names=names)
    return see_other("bids.edit", bid_id=bid.id)


@pages.route("/bids/<uuid:bid_id>/sealed-elsewhere", methods=["GET", "POST"])
@signed_in
def sealed_elsewhere(bid_id: UUID) -> last.Page:
    """Hand in a bid that was sealed on one's own machine."""
    bid = _strict(bid_id)
    form = SealedForm() if request.method == "POST" else SealedForm(formdata=None)
    if request.method == "POST" and form.validate():
        commit = form.commit.data.lower()
        try:
            version = service.take(actor(), bid_id, form.sealed.upload, commit, arrival(), store())
        except (Invalid, InvalidInput, DeadlinePassed, IllegalMove) as error:
            tell(error)
            _say(form, error)
        else:
            done(N_("Version %(number)s of the bid is submitted."), number=version.number)
            return see_other("receipts.shown", bid_id=bid_id, number=version.number)
    page = render_template(
        "bids/strict/elsewhere.html", form=form, bid=bid, challenge=bid.challenge
    )
    return page, 422 if form.errors else 200


def _say(form: SealedForm, error: Invalid | InvalidInput | DeadlinePassed | IllegalMove) -> None:
    if isinstance(error, Invalid) and error.field in form:
        form.place(error)
        return
    found = error.problems if isinstance(error, InvalidInput) else [error]
    form.form_errors = [translated(one.message) for one in found]


@pages.get("/bids/<uuid:bid_id>/sealing-key.json")
@signed_in
def key_file(bid_id: UUID) -> Response:
    """All that sealing elsewhere needs: the key, the ids and the team, for the next version."""
    bid = _strict(bid_id)
    made = json.dumps(key_files.of(db.session, bid), ensure_ascii=False, indent=1).encode()
    return download(made, "application/json", f"{bid.challenge.code}-v{len(bid.versions) + 1}.pub")
