"""Pages of a team (its bids, the editor, one bid) and of the officer who opens and checks."""

from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import papers, policy, queries, screens, service
from portal.bids.amended.queries import unanswered
from portal.bids.ceremony import service as ceremony
from portal.bids.ceremony.forms import SharesForm
from portal.bids.ceremony.screens import ceremony_of
from portal.bids.checks.waits import waiting_of
from portal.bids.counting import publishing
from portal.bids.forms import FailForm
from portal.bids.gathering.screens import gathering_of
from portal.bids.models import Bid
from portal.bids.opened_list import opened_list
from portal.bids.returning.screens import still_sealed
from portal.bids.sections import editor
from portal.bids.sections import policy as sections_policy
from portal.bids.sections import queries as sections_queries
from portal.bids.sections.screens import budget_table, links
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import (
    DeadlinePassed,
    DomainError,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from portal.core.failpoints import reach
from portal.core.failures import tell
from portal.core.web import (
    actor,
    arrival,
    cursor,
    done,
    now,
    place_of,
    see_other,
    send_stored,
    signed_in,
    signer,
    stamp,
    store,
    translated,
)
from portal.core.words import N_

pages = Blueprint("bids", __name__)
PAGE = 20
Page = AnyResponse | tuple[str, int]


def visible(bid_id: UUID) -> Bid:
    """The bid, for those who may read it. Raises NotFound."""
    found = queries.visible_to(db.session, actor(), bid_id, now())
    if found is None:
        raise NotFound
    return found


@pages.get("/bids")
@signed_in
def mine() -> str:
    """The bids of one's organisation, as lead and as partner."""
    rows = queries.mine(db.session, actor(), cursor("before"), PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    place = place_of(last.started_at, last.id) if last else None
    return render_template(
        "bids/mine.html",
        rows=rows[:PAGE],
        older=url_for("bids.mine", before=place) if place else None,
        newest=url_for("bids.mine") if "before" in request.args else None,
        tones=screens.TONES,
        policy=policy,
    )


@pages.post("/challenges/<code>/bids")
@signed_in
def start(code: str) -> AnyResponse:
    """Begin a bid, or go on with the one there is."""
    challenge = challenge_queries.visible_by_code(db.session, actor(), code)
    if challenge is None:
        raise NotFound
    bid = service.start(actor(), challenge.id, stamp())
    done(N_("The bid is yours to write, section by section; nobody outside the team sees it."))
    return see_other("bids.edit", bid_id=bid.id)


@pages.get("/bids/<uuid:bid_id>")
@signed_in
def shown(bid_id: UUID) -> str:
    """One bid, to be read."""
    bid = visible(bid_id)
    page = _reading_page(bid)
    service.note_reading(actor(), bid, "page", now())
    return page


def _reading_page(bid: Bid) -> str:
    read = screens.reading(bid)
    may_change = policy.may_change(actor(), bid, now())
    is_team = policy.is_team(actor(), bid)
    return render_template(
        "bids/bid.html",
        bid=bid,
        challenge=bid.challenge,
        read=read,
        matrix=screens.matrix(bid.challenge, read.terms),
        missing=links(bid.id, sections_queries.missing(bid)) if may_change else [],
        may_change=may_change,
        policy=policy,
        tone=screens.TONES[bid.state],
        budget_rows=budget_table(read.terms.items),
        is_team=is_team,
        said=screens.said_of(bid),
        request_key=uuid4().hex,
        amendment_to_see=unanswered(db.session, bid) if may_change else None,
        **still_sealed(bid, is_team, now()),
        **screens.line_of(bid.challenge, now()),
    )


@pages.get("/bids/<uuid:bid_id>/document")
@signed_in
def document(bid_id: UUID) -> Response:
    """The PDF: the one handed in once the bid is open, the newest for the team before."""
    bid = visible(bid_id)
    is_draft = screens.reading(bid).is_draft
    stored_file = bid.draft_file if is_draft else bid.versions[-1].document
    if stored_file is None:
        raise NotFound
    service.note_reading(actor(), bid, "document", now())
    return send_stored(stored_file)


@pages.get("/bids/<uuid:bid_id>/versions/<int:number>/document")
@signed_in
def version_document(bid_id: UUID, number: int) -> Response:
    """The PDF of one version, for the team; others read only what counts."""
    bid = visible(bid_id)
    if not policy.is_team(actor(), bid):
        raise NotFound
    found = [version for version in bid.versions if version.number == number]
    stored_file = screens.document_of(found[0]) if found else None
    if stored_file is None:
        raise NotFound
    return send_stored(stored_file)


@pages.get("/bids/<uuid:bid_id>/edit")
@signed_in
def edit(bid_id: UUID) -> Page:
    """All sections of the bid: how far each has come, and what is missing."""
    bid = visible(bid_id)
    sections_policy.may_see(actor(), bid, now()).enforce()
    return editor.overview(bid)


def request_key() -> str:
    """What the page, or a program, calls this submission, so that sending it again is the same."""
    return (request.form.get("request_key") or request.headers.get("Idempotency-Key", ""))[:64]


@pages.post("/bids/<uuid:bid_id>/submit")
@signed_in
def submit(bid_id: UUID) -> Page:
    """Hand the saved bid in; what is missing is shown beside the sections."""
    reach("after_body")
    arrived = arrival()
    try:
        version = service.submit(actor(), bid_id, arrived, store(), request_key())
    except NotAllowed:
        visible(bid_id)  # only whoever may read it learns that it is there
        raise
    except InvalidInput as error:
        return editor.overview(visible(bid_id), error.problems)
    except (DeadlinePassed, IllegalMove) as error:
        tell(error)
        return _refused(visible(bid_id), arrived, error), 409
    done(N_("Version %(number)s of the bid is submitted."), number=version.number)
    reach("pre_response")
    return see_other("receipts.shown", bid_id=bid_id, number=version.number)


def _refused(bid: Bid, arrived: datetime, error: DomainError) -> str:
    """Why the bid was not taken, by which clock, and where its draft is."""
    closes_at, why = bid.challenge.closes_at, translated(error.message)
    return render_template(
        "bids/refused.html", bid=bid, why=why, arrived=arrived, closes_at=closes_at
    )


@pages.post("/bids/<uuid:bid_id>/withdraw")
@signed_in
def withdraw(bid_id: UUID) -> AnyResponse:
    """Take the submitted bid back."""
    visible(bid_id)
    service.withdraw(actor(), bid_id, arrival())
    done(N_("The bid is withdrawn. It can be submitted again until the deadline."))
    return see_other("bids.shown", bid_id=bid_id)


@pages.route("/challenges/<code>/opening", methods=["GET", "POST"])
@signed_in
def opening(code: str) -> Page:
    """When bids are opened, the act itself, and the list of what was opened."""
    challenge = _papers(code)
    if request.method == "GET":
        return _opening_page(challenge)
    challenge_policy.may_manage(actor(), challenge).enforce()
    form = SharesForm()
    if form.validate():
        try:
            publishing.publish(challenge.id, signer(), stamp())
            ceremony.open_with(actor(), challenge.id, form.shares, form.passwords, stamp())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The shares fit. The bids are being opened."))
            return see_other("bids.opening", code=code)
    return _opening_page(challenge, shares=form)


@pages.post("/challenges/<code>/opening/fail")
@signed_in
def fail(code: str) -> Page:
    """Close a challenge for which no bid is left."""
    challenge, form = _papers(code), FailForm()
    challenge_policy.may_manage(actor(), challenge).enforce()
    if form.validate() and form.takes(
        lambda: service.fail_challenge(actor(), challenge.id, form.reason.data, stamp())
    ):
        done(N_("The challenge is closed without an award."))
        return see_other("bids.opening", code=code)
    return _opening_page(challenge, fail=form)


@pages.post("/challenges/<code>/papers")
@signed_in
def take_papers(code: str) -> AnyResponse:
    """Have all documents put together in one file."""
    job = papers.ask(actor(), _papers(code).id, now())
    return see_other("jobs.shown", job_id=job.id)


def _papers(code: str) -> Challenge:
    challenge = challenge_queries.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_see_opening(actor(), challenge):
        raise NotFound
    return challenge


def _opening_page(
    challenge: Challenge, fail: FailForm | None = None, shares: SharesForm | None = None
) -> tuple[str, int]:
    form = fail or FailForm(formdata=None)
    typed = shares or SharesForm(formdata=None)
    facts = screens.opening_of(actor(), challenge, now())
    page = render_template(
        "bids/opening.html",
        challenge=challenge,
        **opened_list(challenge, facts["tally"]),
        form=form,
        shares=typed,
        tones=screens.TONES,
        waits=waiting_of(db.session, challenge, now()),
        **facts,
        manages=facts["may_manage"],
        **ceremony_of(challenge, store(), facts["may_open"]),
        **gathering_of(challenge, now()),
        **screens.line_of(challenge, now()),
    )
    return page, 422 if form.errors or typed.errors else 200
