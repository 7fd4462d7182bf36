"""Bids of strict challenges for tests: written, completed on the last page, handed in."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid, BidVersion
from portal.bids.sections.service import put_document
from portal.bids.strict import service
from portal.bids.terms import BidTerms
from portal.challenges.models import Challenge
from portal.challenges.settings import Settings
from portal.core.access import Actor
from portal.core.db import db
from portal.core.files import Upload
from tests.factories.bids import PDF, kept, make_bid, make_bid_challenge, make_terms
from tests.factories.remembered import remembered

STRICT = Settings(strict_sealing=True).to_json()


def make_strict_challenge(**facts: Any) -> Challenge:
    """A published challenge with strict sealing."""
    return make_bid_challenge(settings=STRICT, **facts)


def in_time(bid: Bid) -> datetime:
    """An hour before the deadline of the bid's challenge."""
    assert bid.challenge.closes_at is not None
    return bid.challenge.closes_at - timedelta(hours=1)


def lead_of(bid: Bid) -> Actor:
    """Whoever has begun the bid."""
    return actor_of(db.session.get_one(Person, bid.started_by))


@remembered
def make_strict_bid(
    *, terms: BidTerms | None = None, document: bytes = PDF, name: str = "方案.pdf", **facts: Any
) -> Bid:
    """A draft that lacks only what the last page asks; its document is sealed."""
    challenge = facts.pop("challenge", None) or make_strict_challenge()
    bid = make_bid(challenge=challenge, **{"partners": [], **facts})
    bid.terms = replace(terms or bid.terms, members=(), items=())
    db.session.commit()
    put_document(lead_of(bid), bid.id, Upload(BytesIO(document), name), kept(), in_time(bid))
    return bid


def last_of(bid: Bid) -> BidTerms:
    """Money and people that fit the challenge, as they are typed on the last page."""
    made = make_terms(bid.challenge, bid.lead)
    return BidTerms(members=made.members, items=made.items)


def hand_in_strictly(
    bid: Bid, last: BidTerms | None = None, stamp: datetime | None = None
) -> tuple[BidVersion, bytes]:
    """Hand a draft in from its last page: the version, and the file that the team saves."""
    draft = service.begun(db.session, bid).to_bytes()
    said = last or last_of(bid)
    return service.submit(lead_of(bid), bid.id, draft, said, stamp or in_time(bid), kept())
