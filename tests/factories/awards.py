"""Rankings, notices and objections for tests, in any state of their life."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.awards.models import Notice, NoticePlace
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import Effect, ObjectionState
from portal.awards.rules import NoticeState, Wording
from portal.bids.models import Bid
from portal.bids.rules import BidState, PartnerState
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.workdays import window_end
from portal.reviews.rankings.models import Ranking, RankingPlace
from portal.reviews.rounds.models import Round
from portal.reviews.rounds.rules import RoundState
from tests.factories.accounts import make_person
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.remembered import remembered

SCORES = (Decimal("88.40"), Decimal("81.25"), Decimal("76.10"), Decimal("58.00"))
"""With the usual pass mark of 70, the last of these does not pass."""


WORDING = Wording(
    meeting="2026年第12次主任办公会,会议纪要〔2026〕34号",
    business_contact="高新处 010-55550101",
    supervision_contact="机关纪委 010-55550102",
)


def officer_of(challenge: Challenge) -> Actor:
    """An officer of the body that issued the challenge, as policies see them."""
    return actor_of(make_officer(challenge))


def lead_of(bid: Bid) -> Actor:
    """The person who leads the bid, as policies see them."""
    return actor_of(db.session.get_one(Person, bid.started_by))


def make_ranking(challenge: Challenge, bids: Sequence[Bid], scores: Sequence[Decimal]) -> Ranking:
    """A ranking of these bids in this order."""
    now = clock.now(db.session)
    starter = make_officer(challenge)
    round_ = Round(
        challenge=challenge,
        number=1,
        state=RoundState.RANKED,
        seats_wanted=5,
        started_by=starter.id,
        started_at=now,
        sheets_due_at=now + timedelta(days=10),
        ranked_at=now,
    )
    db.session.add(round_)
    db.session.flush()
    mark = challenge.rules.pass_mark
    ranking = Ranking(
        round_id=round_.id, number=1, computed_at=now, rule={}, inputs={}, inputs_sha256="0" * 64
    )
    ranking.places = [
        RankingPlace(bid=bid, place=place, mean=score, passed=score >= mark)
        for place, (bid, score) in enumerate(zip(bids, scores, strict=True), start=1)
    ]
    db.session.add(ranking)
    db.session.flush()
    return ranking


@remembered
def make_ranked_challenge(
    scores: Sequence[Decimal] = SCORES, winners: int = 1, **facts: Any
) -> Challenge:
    """A challenge whose bids have been ranked; one bid for each score, best first."""
    challenge = make_challenge(published=True, state=ChallengeState.OPENED, **facts)
    challenge.settings = {**challenge.settings, "winners": winners}
    bids = [make_bid(eligible=True, challenge=challenge) for _ in scores]
    make_ranking(challenge, bids, scores)
    challenge.state = ChallengeState.RANKED
    db.session.flush()
    return challenge


def bids_of(challenge: Challenge) -> list[Bid]:
    """The bids of a challenge, best placed first."""
    query = (
        select(Bid)
        .join(RankingPlace, RankingPlace.bid_id == Bid.id)
        .where(Bid.challenge_id == challenge.id)
        .order_by(RankingPlace.place)
    )
    return list(db.session.scalars(query))


@remembered
def make_notice(
    *,
    published: bool = False,
    confirmed: bool = False,
    withdrawn: bool = False,
    challenge: Challenge | None = None,
    winners: int = 1,
    at: datetime | None = None,
    **facts: Any,
) -> Notice:
    """A decision that follows the ranking; a trait takes it further. `at` is its publication."""
    challenge = challenge or make_ranked_challenge(winners=winners)
    state = (
        NoticeState.CONFIRMED if confirmed
        else NoticeState.WITHDRAWN if withdrawn
        else NoticeState.PUBLISHED if published
        else NoticeState.DECIDED
    )  # fmt: skip
    out = at or clock.now(db.session)
    values: dict[str, Any] = {
        "number": 1,
        "meeting": WORDING.meeting,
        "business_contact": WORDING.business_contact,
        "supervision_contact": WORDING.supervision_contact,
        "decided_by": make_officer(challenge).id,
        "decided_at": out,
        "state": state,
    }
    if state is not NoticeState.DECIDED:
        frozen = challenge.rules
        values["published_at"] = out
        values["published_by"] = values["decided_by"]
        values["window_ends_at"] = window_end(out, frozen.notice_days, frozen.notice_unit)
    ranking = _ranking_of(db.session, challenge)
    notice = Notice(challenge=challenge, ranking=ranking, **{**values, **facts})
    notice.objections = []
    notice.places = [_place(place, place.place <= winners) for place in ranking.places]
    db.session.add(notice)
    _settle(notice, challenge)
    db.session.flush()
    return notice


def _ranking_of(session: Session, challenge: Challenge) -> Ranking:
    query = select(Ranking).join(Round, Round.id == Ranking.round_id)
    return session.scalars(query.where(Round.challenge_id == challenge.id)).one()


def _place(place: RankingPlace, winner: bool) -> NoticePlace:
    terms = place.bid.versions[-1].terms
    confirmed = [p for p in place.bid.partners if p.state is PartnerState.CONFIRMED]
    return NoticePlace(
        bid=place.bid,
        position=place.place,
        winner=winner,
        title=terms.title,
        lead=place.bid.lead.name,
        partners=[partner.organisation.name for partner in confirmed],
        support=str(terms.public_money),
        score=str(place.mean),
    )


def _settle(notice: Notice, challenge: Challenge) -> None:
    """What the notice's state means for the challenge and its bids."""
    if notice.state is NoticeState.PUBLISHED:
        challenge.state = ChallengeState.NOTICED
    if notice.state is NoticeState.WITHDRAWN:
        notice.withdrawn_at = notice.window_ends_at
    if notice.state is NoticeState.CONFIRMED:
        challenge.state = ChallengeState.AWARDED
        notice.confirmed_at = notice.window_ends_at
        for place in notice.places:
            place.bid.state = BidState.WON if place.winner else BidState.LOST


def examiner_for(challenge: Challenge) -> Actor:
    """An officer of the issuing body who has taken no part in anything."""
    return actor_of(make_officer(challenge))


def make_objection(
    notice: Notice,
    *,
    examining: bool = False,
    upheld: bool = False,
    dismissed: bool = False,
    **facts: Any,
) -> Objection:
    """An objection by a stranger, just received; a trait takes it further."""
    state = (
        ObjectionState.UPHELD
        if upheld
        else ObjectionState.DISMISSED
        if dismissed
        else ObjectionState.EXAMINING
        if examining
        else ObjectionState.RECEIVED
    )
    at = notice.published_at or clock.now(db.session)
    values: dict[str, Any] = {
        "raised_by": facts.get("raised_by") or make_person(Role.BIDDER_LEAD).id,
        "raised_at": at,
        "text": "牵头单位与出题单位存在关联关系,请核实其股权结构。",
        "state": state,
        "evidence": [],
    }
    if state is not ObjectionState.RECEIVED:
        values["examiner_id"] = facts.get("examiner_id") or make_officer(notice.challenge).id
        values["looked_at_by"], values["looked_at_at"] = notice.decided_by, at
        values["due_at"] = at + timedelta(days=14)
    if upheld or dismissed:
        values["answer"] = "经核实,已按程序作出处理,现予书面答复。"
        values["summary"] = "有单位反映牵头单位与出题单位存在关联关系,已经核实。"
        values["answered_by"], values["answered_at"] = values["examiner_id"], at
        values["effect"] = Effect.WITHDRAW if upheld else None
    objection = Objection(notice=notice, **{**values, **facts})
    db.session.add(objection)
    db.session.flush()
    return objection
