"""Conflicts, cooperation and wishes for tests."""

from datetime import date
from typing import Any

from portal.bids.models import Bid
from portal.bids.sections.models import BidAvoid
from portal.bids.terms import Avoid, Member, MemberRole
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.db import db
from portal.reviews.conflicts.models import AvoidDecision, Conflict, Coworking
from portal.reviews.conflicts.rules import ConflictKind, ConflictSource, CoworkingSource
from portal.reviews.pool.models import Reviewer
from tests.factories.accounts import make_organisation
from tests.factories.awards import officer_of
from tests.factories.bids import make_bid, make_terms


def make_conflict(reviewer: Reviewer, challenge: Challenge, **facts: Any) -> Conflict:
    """A conflict that stands, with the whole challenge unless told otherwise."""
    values: dict[str, Any] = {
        "kind": ConflictKind.KIN,
        "source": ConflictSource.ENTERED,
        "evidence": {"reason": "配偶在团队任职。"},
        "since": clock.now(db.session),
    }
    made = Conflict(reviewer_id=reviewer.id, challenge_id=challenge.id, **{**values, **facts})
    db.session.add(made)
    db.session.flush()
    return made


def make_coworking(reviewer: Reviewer, name: str, organisation: str, **facts: Any) -> Coworking:
    """That an expert worked with somebody until last year."""
    now = clock.now(db.session)
    values: dict[str, Any] = {
        "context": "国家重点研发计划课题",
        "since": date(now.year - 5, 1, 1),
        "until": date(now.year - 1, 1, 1),
        "source": CoworkingSource.EXPERT,
        "entered_by": reviewer.person_id,
        "entered_at": now,
    }
    known = {"reviewer": reviewer, "name": name, "organisation": organisation}
    made = Coworking(**{**values, **known, **facts})
    db.session.add(made)
    db.session.flush()
    return made


def make_named_bid(challenge: Challenge, *members: tuple[str, str], **facts: Any) -> Bid:
    """An eligible bid of a lead alone, with these key people: each a name and an organisation."""
    lead = facts.pop("lead", None) or make_organisation()
    leader = Member("周工", lead.name, "技术负责人", 60, MemberRole.LEADER, 1980)
    people = (Member(*one, "系统集成", 50, MemberRole.CORE, 1985) for one in members)
    terms = make_terms(challenge, lead, members=(leader, *people))
    values = {"challenge": challenge, "lead": lead, "partners": [], "terms": terms}
    return make_bid(eligible=True, **{**values, **facts})


def make_wish(challenge: Challenge, reviewer: Reviewer, granted: bool | None = None) -> Bid:
    """An eligible bid whose team asks that an expert keeps away, and what was decided, if told."""
    lead = make_organisation()
    wish = Avoid(reviewer.person.name, reviewer.organisation.name, "双方曾有专利诉讼。")
    terms = make_terms(challenge, lead, avoid=(wish,))
    bid = make_bid(eligible=True, challenge=challenge, lead=lead, terms=terms)
    if granted is not None:
        decide(bid, granted)
    return bid


def decide(bid: Bid, granted: bool) -> None:
    """An officer's decision on the bid's only wish."""
    row: BidAvoid = bid.versions[-1].avoids[0]
    decision = AvoidDecision(
        bid_id=bid.id,
        identity=row.identity,
        granted=granted,
        reason="理由充分,同意。",
        decided_by=officer_of(bid.challenge).user_id,
        decided_at=clock.now(db.session),
    )
    db.session.add(decision)
    db.session.flush()
