"""The opened bids of a challenge as an officer goes through them: by state, a page at a time, and which
is to be checked next."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.bids import queries
from portal.bids.checks import queries as check_queries
from portal.bids.models import BidVersion
from portal.bids.rules import OPENED_STATES, BidState
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.web import cursor, place_of

PAGE = 50


def opened_list(challenge: Challenge, tally: Mapping[BidState, int]) -> dict[str, Any]:
    """The page that the address asks for, the states with their numbers, and the next to check."""
    chosen = _chosen()
    among = {chosen} if chosen else OPENED_STATES
    rows = queries.opened_versions(db.session, challenge.id, cursor("after"), PAGE + 1, among)
    shown = rows[:PAGE]
    onward = place_of(shown[-1].submitted_at, shown[-1].id) if len(rows) > PAGE else None
    return {
        "rows": shown,
        "kinds": [
            (state, tally[state])
            for state in BidState
            if tally.get(state) and state in OPENED_STATES
        ],
        "waiting": tally.get(BidState.OPENED, 0),
        "chosen": chosen,
        "onward": _address(challenge, chosen, after=onward) if onward else None,
        "first": _address(challenge, chosen) if "after" in request.args else None,
        "desks": check_queries.desks(db.session, [row.bid_id for row in shown]),
        "following": next_to_check(challenge.id) if BidState.OPENED in tally else None,
    }


def next_to_check(challenge_id: UUID, besides: UUID | None = None) -> BidVersion | None:
    """The first in the list whose formal check nobody has decided, other than the one that is read."""
    found = queries.opened_versions(db.session, challenge_id, None, 2, {BidState.OPENED})
    return next((row for row in found if row.bid_id != besides), None)


def _chosen() -> BidState | None:
    wish = request.args.get("state", "")
    return next((state for state in OPENED_STATES if state.value == wish), None)


def _address(challenge: Challenge, chosen: BidState | None, after: str | None = None) -> str:
    state = chosen.value if chosen else None
    return url_for("bids.opening", code=challenge.code, state=state, after=after)
