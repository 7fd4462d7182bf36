"""The last page, between its form and the service: what is typed goes through and is kept nowhere."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import screens as bid_screens
from portal.bids.models import Bid, BidVersion
from portal.bids.queries import asked
from portal.bids.sections import queries, screens
from portal.bids.strict import rules, service
from portal.bids.strict.forms import LARGEST_SAVED, LastForm
from portal.bids.terms import BidTerms
from portal.core.db import db
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, InvalidInput, Overtaken
from portal.core.failures import tell
from portal.core.files import Upload
from portal.core.web import actor, arrival, now, store, translated

Page = AnyResponse | tuple[str, int]
CHOOSE = "Please choose a file."


@dataclass(frozen=True)
class Done:
    """What was handed in, and the only readable copy of it."""

    version: BidVersion
    manifest: bytes


def blank(bid: Bid) -> LastForm:
    """The page with nothing typed."""
    return LastForm(formdata=None)


def filled(form: LastForm, bid: Bid) -> LastForm:
    """The page with money and people of the file that was chosen; the form sent if it is none."""
    try:
        terms = _terms_of(form.saved.upload, bid)
    except Invalid as error:
        form.place(error)
        return form
    return LastForm(formdata=None, data=LastForm.stored(terms, bid))


def _terms_of(saved: Upload | None, bid: Bid) -> BidTerms:
    if saved is None:
        raise Invalid("saved", CHOOSE)
    manifest = rules.read(saved.stream.read(LARGEST_SAVED), "saved")
    rules.require_own(manifest, str(bid.challenge_id), str(bid.id), "saved")
    return BidTerms.from_json(rules.terms_in(manifest))


def handed_in(form: LastForm, bid: Bid) -> Done | None:
    """What the service made of it; None when the form says why it took nothing."""
    if not form.validate():
        return None
    last = BidTerms.from_json(form.content(bid))
    draft = (form.draft.data or "").encode()
    try:
        return Done(*service.submit(actor(), bid.id, draft, last, arrival(), store()))
    except InvalidInput as error:
        _place(form, error, bid)
    except (Overtaken, DeadlinePassed, IllegalMove) as error:
        tell(error)
        form.form_errors = [translated(error.message)]
        form.refused = True
    except Invalid as error:
        form.form_errors = [translated(error.message)]
    return None


def _place(form: LastForm, error: InvalidInput, bid: Bid) -> None:
    """What the last page asks at its fields; what stands elsewhere in words, with its place."""
    own = [one for one in error.problems if one.field.split(".")[0] in form]
    form.place(InvalidInput(own))
    others = screens.links(bid.id, [one for one in error.problems if one not in own])
    form.form_errors = [f"{one.where}{gettext(': ')}{one.what}" for one in others]


def page(form: LastForm, bid: Bid) -> tuple[str, int]:
    """The last page with whatever is in the form; it is for this reader alone."""
    missing = queries.missing(bid)
    if not missing:
        form.draft.data = service.begun(db.session, bid).to_bytes().decode()
    html = render_template(
        "bids/strict/last.html",
        form=form,
        bid=bid,
        challenge=bid.challenge,
        asked=asked(bid.challenge),
        screens=screens,
        missing=screens.links(bid.id, missing),
        is_wiped=bid_screens.is_wiped(bid),
        **bid_screens.line_of(bid.challenge, now()),
    )
    status = 409 if form.refused else 422 if form.errors or form.form_errors else 200
    return html, status if request.method == "POST" else 200


def saved(done: Done, bid: Bid) -> str:
    """The answer to a submission: the file to save, which exists nowhere else."""
    version = done.version
    return render_template(
        "bids/strict/saved.html",
        bid=bid,
        challenge=bid.challenge,
        version=version,
        text=done.manifest.decode(),
        name=f"{bid.challenge.code}-v{version.number}-manifest.json",
        receipt=url_for("receipts.shown", bid_id=bid.id, number=version.number),
    )
