"""The bid editor between the form and the service."""

from flask import render_template, request
from flask_babel import gettext

from portal.bids import queries, screens, service
from portal.bids.forms import BidForm, stored
from portal.bids.models import Bid
from portal.bids.terms import BidTerms
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, InvalidInput
from portal.core.web import actor, now, stamp, store, translated


def filled(bid: Bid) -> BidForm:
    """The form with what was saved."""
    form = BidForm(formdata=None, data=stored(bid))
    _fit(form, bid)
    return form


def sent(bid: Bid) -> BidForm:
    """The form with what was typed."""
    form = BidForm()
    _fit(form, bid)
    return form


def _fit(form: BidForm, bid: Bid) -> None:
    form.fit(bid.challenge.indicators)


def saved(form: BidForm, bid: Bid) -> bool:
    """Whether the service took what was typed; if not, the form says why."""
    terms, upload = form.terms(bid.challenge.indicators), form.document.upload
    seen = form.last_seen()
    try:
        service.save(actor(), bid.id, terms, upload, store(), stamp(), seen)
    except (Invalid, InvalidInput) as error:
        form.place(error)
        form.seen.data = bid.changed_at.isoformat()
        return False
    except (DeadlinePassed, IllegalMove) as error:
        form.form_errors = [translated(error.message)]
        form.refused = True
        return False
    return True


def page(form: BidForm, bid: Bid) -> tuple[str, int]:
    """The editor with whatever is in the form; a file that was chosen must be chosen again."""
    wrong = bool(form.errors)
    if request.method == "POST" and form.document.upload is not None:
        again = gettext("Please choose the file again: the browser does not keep it.")
        form.document.errors = [*form.document.errors, again]
    _fit(form, bid)
    fresh = request.method == "GET" and bid.terms != BidTerms()
    html = render_template(
        "bids/edit.html",
        form=form,
        bid=bid,
        challenge=bid.challenge,
        asked=queries.asked(bid.challenge),
        missing=form.links(screens.missing(bid)) if fresh else [],
        **screens.line_of(bid.challenge, now()),
    )
    return html, 409 if form.refused else 422 if wrong else 200
