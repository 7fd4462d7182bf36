"""What the opening page shows: the custodians, how far the opening is, the report."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.bids.ceremony import queries
from portal.bids.ceremony.service import KIND
from portal.bids.models import BidVersion
from portal.bids.rules import BidState
from portal.bids.unopened.rules import advice
from portal.challenges.keys import queries as keys
from portal.challenges.keys.rules import field_of
from portal.challenges.models import Challenge
from portal.core import jobs
from portal.core.db import db
from portal.core.files import FileStore
from portal.core.words import Message


@dataclass(frozen=True)
class Closed:
    """A bid that did not open: whose, why, what the officer does first, and whether it is decided."""

    bid_id: UUID
    lead: str
    number: int
    why: Message | None
    advice: str
    is_aside: bool


def _shown(version: BidVersion) -> Closed:
    bid, why = version.bid, jobs.told(version.fault)
    is_aside = bid.state is BidState.SET_ASIDE
    first = advice(why.text) if why else ""
    return Closed(bid.id, bid.lead.name, version.number, why, first, is_aside)


def custodians(challenge: Challenge) -> dict[str, str]:
    """Who holds which share: person and organisation, by the field of the form."""
    key = keys.key_of(db.session, challenge.id)
    return {
        field_of(share.holder): f"{share.organisation.name} · {share.person.name}"
        for share in (key.shares if key else [])
    }


def ceremony_of(challenge: Challenge, store: FileStore, may_open: bool) -> dict[str, Any]:
    """All that the page says of the opening itself; nothing before it was begun but the custodians."""
    opening = queries.opening_of(db.session, challenge.id)
    job = jobs.latest(db.session, KIND, challenge.subject_ref) if opening else None
    is_live = job is not None and job.is_live
    unopened = queries.unopened(db.session, challenge.id) if opening else []
    is_over = opening is not None and not is_live
    return {
        "opening": opening,
        "opening_job": job,
        "opening_is_live": is_live,
        "custodians": custodians(challenge) if may_open or unopened else {},
        "unopened": [_shown(one) for one in unopened],
        "sealed_still": is_over and queries.is_unfinished(db.session, challenge.id),
        "report": queries.report(db.session, challenge, store) if is_over else None,
    }
