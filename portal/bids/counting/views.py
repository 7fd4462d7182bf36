"""The public page of what was handed in: number and root before the opening, all fingerprints after."""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, render_template

from portal.bids.ceremony.record import has_record, record_of
from portal.bids.counting import queries
from portal.bids.counting.fingerprints import root_of
from portal.bids.counting.models import BidCount
from portal.bids.counting.queries import Listed
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core.crypto import canonical
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import download, limiter, public, visitor

pages = Blueprint("counting", __name__)
SHOWN = 100
"""More are in the file."""


def _counted(code: str) -> tuple[Challenge, BidCount, list[Listed] | None]:
    """A challenge, its count, and its bids once they are open. Raises NotFound."""
    challenge = challenge_queries.visible_by_code(db.session, visitor(), code)
    count = queries.count_of(db.session, challenge) if challenge else None
    if challenge is None or count is None:
        raise NotFound
    opened = challenge.opened_at is not None
    return challenge, count, queries.listed(db.session, challenge.id) if opened else None


def _root(found: Sequence[Listed]) -> str:
    return root_of([one.commit for one in found])


@pages.get("/challenges/<code>/sealed")
@public
def sealed(code: str) -> str:
    """How many bids were handed in, and the hash of them all."""
    challenge, count, found = _counted(code)
    return render_template(
        "counting/sealed.html",
        challenge=challenge,
        count=count,
        rows=found[:SHOWN] if found is not None else None,
        has_record=has_record(db.session, challenge),
        more=max(0, len(found or []) - SHOWN),
        agrees=found is None or (len(found), _root(found)) == (count.count, count.root),
    )


@pages.get("/challenges/<code>/sealed.json")
@public
def sealed_file(code: str) -> Response:
    """The same for a machine: with all fingerprints once the bids are open."""
    challenge, count, found = _counted(code)
    return jsonify(
        challenge=challenge.code,
        closes_at=count.closes_at.isoformat(),
        counted_at=count.counted_at.isoformat(),
        count=count.count,
        root=count.root,
        fingerprints=None if found is None else [one.commit for one in found],
        bids=None if found is None else [one._asdict() for one in found],
    )


@pages.get("/challenges/<code>/opening.json")
@public
@limiter.limit("60 per hour")
def opening_record(code: str) -> Response:
    """The record of the opening with its proofs, as `verify opening` reads it."""
    challenge = challenge_queries.visible_by_code(db.session, visitor(), code)
    record = record_of(db.session, challenge) if challenge else None
    if record is None:
        raise NotFound
    return download(canonical(record), "application/json", f"{code}-opening.json")
