"""A team's page to hand its sealed bid in again, step by step."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.bids import policy as bid_policy
from portal.bids.losses import queries as losses
from portal.bids.models import Bid
from portal.bids.receipting.service import manifest_kept
from portal.bids.returning import policy, queries, service
from portal.bids.returning.rules import LARGEST_MANIFEST
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.files import Upload
from portal.core.web import actor, done, now, see_other, signed_in, stamp, store, translated
from portal.core.words import N_

pages = Blueprint("returning", __name__)
Page = Response | tuple[str, int]


def _bid(bid_id: UUID) -> Bid:
    """The team's own bid that is, or was, handed in again. Raises NotFound."""
    bid = db.session.get(Bid, bid_id)
    if bid is None or not bid_policy.is_team(actor(), bid) or not bid.versions:
        raise NotFound
    known = queries.of_version(db.session, bid.versions[-1])
    if known is None and not queries.is_asked(db.session, bid, now()):
        raise NotFound
    return bid


@pages.get("/bids/<uuid:bid_id>/again")
@signed_in
def shown(bid_id: UUID) -> Page:
    """What is asked, what is there, what is missing."""
    return _page(_bid(bid_id))


def _page(bid: Bid, problems: list[Invalid] | None = None) -> tuple[str, int]:
    version = bid.versions[-1]
    row = queries.of_version(db.session, version)
    asked = queries.is_asked(db.session, bid, now())
    page = render_template(
        "returning/again.html",
        bid=bid,
        challenge=bid.challenge,
        version=version,
        loss=losses.public(db.session, bid.challenge_id),
        may_return=policy.may_return(actor(), bid, asked),
        row=row,
        has_draft=not version.is_open and manifest_kept(version) is not None,
        problems=[translated(one.message) for one in problems or []],
        limit=store().limit >> 20,
        **_files(row),
    )
    return page, 422 if problems else 200


def _files(row: Any) -> dict[str, Any]:
    wanted = (
        queries.needed(db.session, row.manifest, store()) if row and not row.finished_at else []
    )
    return {"wanted": wanted, "missing": sum(not one.is_there for one in wanted)}


@pages.post("/bids/<uuid:bid_id>/again/manifest")
@signed_in
def bring_manifest(bid_id: UUID) -> Page:
    """Bring the manifest."""
    bid, sent = _bid(bid_id), request.files.get("manifest")
    data = sent.stream.read(LARGEST_MANIFEST) if sent is not None else b""
    try:
        service.bring_manifest(actor(), bid_id, data, stamp())
    except Invalid as error:
        return _page(bid, [error])
    done(N_("The manifest is right: it says what was handed in."))
    return see_other("returning.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/again/draft")
@signed_in
def bring_draft(bid_id: UUID) -> Response:
    """Use the draft."""
    _bid(bid_id)
    service.bring_draft(actor(), bid_id, stamp())
    done(N_("The draft still says what was handed in."))
    return see_other("returning.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/again/files")
@signed_in
def bring_files(bid_id: UUID) -> Page:
    """Bring files, one or several; each is taken or refused by itself."""
    bid, problems, taken = _bid(bid_id), [], 0
    asked = queries.is_asked(db.session, bid, now())
    policy.may_return(actor(), bid, asked).enforce()
    for sent in request.files.getlist("files"):
        try:
            upload = Upload(cast(BinaryIO, sent.stream), sent.filename or "")
            service.bring_file(actor(), bid_id, upload, stamp(), store())
            taken += 1
        except Invalid as error:
            problems.append(error)
    if problems:
        return _page(bid, problems)
    done(N_("%(count)s files are right."), count=taken)
    return see_other("returning.shown", bid_id=bid_id)


@pages.post("/bids/<uuid:bid_id>/again")
@signed_in
def hand_in(bid_id: UUID) -> Page:
    """Hand it in."""
    bid = _bid(bid_id)
    try:
        service.hand_in(actor(), bid_id, stamp(), store())
    except InvalidInput as error:
        return _page(bid, error.problems)
    done(N_("Your bid is handed in again: it is, to the byte, the one of before the deadline."))
    return see_other("returning.shown", bid_id=bid_id)
