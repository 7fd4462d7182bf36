"""Experts, rounds, seats and score sheets for tests, made as the portal makes them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.bids.models import Bid
from portal.bids.terms import Attachment, AttachmentKind
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.crypto import sha256
from portal.core.db import db
from portal.core.files import StoredFile
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState, Stratum
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as round_service
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import SeatState
from portal.reviews.sheets import reopening
from portal.reviews.sheets import service as sheet_service
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points
from tests.factories.accounts import make_organisation, make_person
from tests.factories.awards import officer_of
from tests.factories.bids import kept, make_bid, make_bid_challenge, make_document
from tests.factories.draws import make_drawn
from tests.factories.likeness import make_pdf
from tests.factories.remembered import remembered

REASON = "方案的技术路线清楚,指标分解合理,团队基础扎实,风险可控。"


def make_reviewer(organisation: Organisation | None = None, **facts: Any) -> Reviewer:
    """An expert of the pool, of an organisation of their own unless told otherwise."""
    home = organisation or make_organisation()
    values: dict[str, Any] = {
        "person": make_person(Role.REVIEWER, organisation=home),
        "organisation": home,
        "stratum": Stratum.TECHNICAL,
        "disciplines": ["520"],
        "state": PoolState.ACTIVE,
    }
    reviewer = Reviewer(**{**values, **facts})
    db.session.add(reviewer)
    db.session.flush()
    return reviewer


@remembered
def make_review_challenge(bids: int = 2, reviewers: int = 3, **facts: Any) -> Challenge:
    """An opened challenge whose bids have passed the formal check."""
    challenge = make_bid_challenge(opened=True, **facts)
    alike = {"seats_industry": 0, "seats_finance": 0}
    challenge.settings = {**challenge.settings, "reviewers": reviewers, **alike}
    for _ in range(bids):
        make_bid(eligible=True, challenge=challenge)
    db.session.flush()
    return challenge


@remembered
def make_round(
    *,
    accepted: bool = False,
    scoring: bool = False,
    challenge: Challenge | None = None,
    spare: int = 2,
) -> Round:
    """A round whose reviewers have been invited, or have all accepted, or are scoring.

    The pool has `spare` experts more than there are seats.
    """
    challenge = challenge or make_review_challenge()
    for _ in range(challenge.rules.reviewers + spare):
        make_reviewer()
    now = clock.now(db.session)
    officer = officer_of(challenge)
    make_drawn(challenge)
    db.session.commit()
    made = round_service.start_round(officer, challenge.id, now)
    round_service.invite(made.id, now)
    if accepted or scoring:
        for seat in seats_of(made, SeatState.INVITED):
            answers.accept(reviewer_of(seat), seat.id, now)
    if scoring:
        round_service.begin_scoring(made.id, now)
    db.session.expire_all()
    return made


def reviewer_of(seat: Seat) -> Actor:
    """The seat's reviewer, as policies see them."""
    return actor_of(db.session.get_one(Person, seat.reviewer.person_id))


def seats_of(review: Round, *states: SeatState) -> list[Seat]:
    """The round's seats as they are now, in the order of asking; in these states, if given."""
    db.session.expire_all()
    return [seat for seat in review.seats if not states or seat.state in states]


def points_for(sheet: Sheet, points: Sequence[Decimal] | None = None) -> dict[UUID, Points]:
    """Four fifths of each weight, or the points told, each with a reason."""
    criteria = sheet.seat.round.challenge.criteria
    given = points or [Decimal(criterion.weight) * 4 / 5 for criterion in criteria]
    return {row.id: Points(one, REASON) for row, one in zip(criteria, given, strict=True)}


def give_back(sheet: Sheet, reason: str) -> Actor:
    """Have one officer ask, and another agree, that a sheet goes back; returns who asked."""
    challenge, now = sheet.seat.round.challenge, clock.now(db.session)
    officer = officer_of(challenge)
    reopening.ask(officer, sheet.id, reason, now)
    reopening.agree(officer_of(challenge), sheet.id, now)
    return officer


def submit_all(review: Round, besides: Sequence[Sheet] = ()) -> None:
    """Submit every draft of a round but those of `besides`, each by its own reviewer."""
    kept = {sheet.id for sheet in besides}
    now = clock.now(db.session)
    for seat in seats_of(review, SeatState.ACCEPTED):
        for sheet in list(seat.sheets):
            if sheet.state is SheetState.DRAFT and sheet.id not in kept:
                sheet_service.submit_sheet(reviewer_of(seat), sheet.id, points_for(sheet), "", now)


def reviewer_actor(reviewer: Reviewer) -> Actor:
    """An expert of the pool, as policies see them."""
    return actor_of(reviewer.person)


def with_papers(bid: Bid) -> StoredFile:
    """Give an opened bid a document of one page and an attachment, both named after the lead."""
    version, by = bid.versions[-1], bid.started_by
    data = make_pdf([bid.lead.name_en or "paper"])
    kept().put(data)
    facts = {"uploaded_by": by, "sha256": sha256(data), "size": len(data)}
    version.file = make_document(name=f"{bid.lead.name}揭榜方案.pdf", **facts)
    beside = make_document(uploaded_by=by, name=f"{bid.lead.name}营业执照.pdf")
    attached = Attachment(
        AttachmentKind.LICENCE,
        f"{bid.lead.name}营业执照",
        beside.id,
        beside.name,
        beside.sha256,
        beside.size,
        beside.media_type,
    )
    terms = replace(version.terms, attachments=(attached,))
    version.manifest = {**version.fields, "terms": terms.to_json()}
    db.session.flush()
    return beside


def person_of_lead(bid: Bid) -> Person:
    """Somebody who acts for the lead of a bid."""
    person = make_person(Role.BIDDER_LEAD, organisation=bid.lead)
    db.session.commit()
    return person
