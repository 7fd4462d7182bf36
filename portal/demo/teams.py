"""The demonstration's teams: they write their bids, are joined, hand in, and one takes it back."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from portal.bids import queries, service
from portal.bids.models import Bid
from portal.bids.rules import BidState, PartnerState
from portal.bids.sections import service as sections
from portal.bids.sections.rules import ASKED_LAST, Section, part_of
from portal.bids.strict import service as strict
from portal.bids.teams import queries as team_queries
from portal.bids.teams import service as teams
from portal.bids.teams.rules import Offer, digest_of
from portal.bids.terms import (
    TEXTS,
    Avoid,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource, yuan
from portal.core.typeset import pdf
from portal.demo.challenges import moment, person

Row = dict[str, Any]
DAY = timedelta(days=1)


def bid_of(row: Row, challenge: Challenge) -> Bid | None:
    """The bid of a row, if it is there."""
    lead_id = min(person(row["lead"]).organisations_as(Role.BIDDER_LEAD))
    return queries.by_lead(db.session, challenge.id, lead_id)


def hand_in(row: Row, challenge: Challenge, store: FileStore) -> None:
    """Have a team write its bid and hand it in, unless it has."""
    known = bid_of(row, challenge)
    if known is not None and known.state is not BidState.DRAFT:
        return
    lead, submitted = person(row["lead"]), moment(challenge, row["submitted"])
    begun = moment(challenge, {"day": row["started"], "at": "10:00"})
    bid = known or service.start(lead, challenge.id, begun)
    for partner in row.get("partners", []):
        _join(lead, bid, partner, begun + DAY, begun + DAY + timedelta(hours=5))
    _write(lead, bid, _terms(row, challenge), submitted - DAY)
    _sign(row, lead, bid, store, submitted - timedelta(hours=1))
    service.submit(lead, bid.id, submitted, store)
    if "withdrawn" in row:
        service.withdraw(lead, bid.id, moment(challenge, row["withdrawn"]))


def hand_in_strictly(row: Row, challenge: Challenge, store: FileStore) -> None:
    """Have a team write its bid now, and hand it in from its last page unless it is a draft."""
    if bid_of(row, challenge) is not None:
        return
    lead, now = person(row["lead"]), clock.now(db.session)
    bid, terms = service.start(lead, challenge.id, now), _terms(row, challenge)
    for partner in row.get("partners", []):
        _join(lead, bid, partner, now, now)
    _write(lead, bid, terms, now)
    _sign(row, lead, bid, store, now)
    if not row.get("draft"):
        draft = strict.begun(db.session, bid).to_bytes()
        strict.submit(lead, bid.id, draft, terms, now, store)


def _join(lead: Actor, bid: Bid, row: Row, asked: datetime, answered: datetime) -> None:
    """Ask a partner, and have it agree to what it is asked."""
    own = person(row["by"])
    home = min(own.organisations_as(Role.PARTNER))
    offer = Offer(
        duty=row["duty"],
        own_money=yuan(Decimal(row.get("own_money", 0))),
        people=row["people"],
    )
    db.session.refresh(bid)
    if home not in {partner.organisation_id for partner in bid.partners}:
        teams.invite(lead, bid.id, row["by"], offer, asked)
        db.session.refresh(bid)
    partner = next(one for one in bid.partners if one.organisation_id == home)
    if partner.state is PartnerState.INVITED:
        seen = digest_of(team_queries.offered(partner))
        teams.answer(own, partner.id, True, seen, answered)


def _write(lead: Actor, bid: Bid, terms: BidTerms, now: datetime) -> None:
    said, bid_id = terms.to_json(), bid.id
    seen = {row.section: row.revision for row in bid.sections}
    asked_last = ASKED_LAST if bid.is_strict else frozenset()
    for section in [one for one in Section if one not in {Section.ATTACHMENTS, *asked_last}]:
        sections.save(lead, bid_id, section, part_of(said, section), seen[section], now)


def _sign(row: Row, lead: Actor, bid: Bid, store: FileStore, now: datetime) -> None:
    """Hand in the signed letter that goes with the bid, as the bid document."""
    document = {
        "title": row["title"],
        "author": _lead_name(row),
        "lang": "zh",
        "head": "",
        "state": "",
        "kicker": "揭榜函（盖章件）",
        "facts": [],
        "blocks": [{"kind": "text", "title": _lead_name(row), "text": row["letter"]}],
    }
    made = pdf("bid", document, now)
    upload = Upload(BytesIO(made), "揭榜函（盖章件）.pdf")
    sections.put_document(lead, bid.id, upload, store, now)


def _terms(row: Row, challenge: Challenge) -> BidTerms:
    asked = [indicator.id for indicator in challenge.indicators]
    lead = _lead_name(row)
    return BidTerms(
        **{name: row[name] for name in TEXTS},
        promises=tuple(
            _promise(key, one) for key, one in zip(asked, row["promises"], strict=False)
        ),
        milestones=tuple(_milestone(asked, one) for one in row["milestones"]),
        items=tuple(_item(one) for one in row.get("budget", [])),
        members=tuple(_member(lead, one) for one in row.get("members", [])),
        risks=tuple(_risk(one) for one in row["risks"]),
        avoid=tuple(Avoid(**one) for one in row.get("avoid", [])),
    )


def _lead_name(row: Row) -> str:
    lead = person(row["lead"])
    for membership in lead.memberships:
        if membership.role is Role.BIDDER_LEAD:
            return membership.organisation_name
    raise NotFound


def _promise(indicator_id: UUID, row: Row) -> Promise:
    value = None if "value" not in row else Decimal(str(row["value"]))
    return Promise(indicator_id, value, row["how"], row.get("baseline", ""), row["proof"])


def _milestone(asked: list[UUID], row: Row) -> PlannedMilestone:
    shown = tuple(asked[number - 1] for number in row.get("indicators", []))
    return PlannedMilestone(row["month"], row["title"], row["deliverable"], row["share"], shown)


def _item(row: Row) -> BudgetItem:
    category, source = BudgetCategory(row["category"]), FundSource(row["source"])
    return BudgetItem(row["year"], category, source, yuan(Decimal(str(row["amount"]))))


def _member(lead: str, row: Row) -> Member:
    return Member(**{"organisation": lead, **row, "role": MemberRole(row["role"])})


def _risk(row: Row) -> Risk:
    return Risk(row["risk"], Level(row["likelihood"]), Level(row["effect"]), row["answer"])
