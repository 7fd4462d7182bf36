"""Reads of what teams have to say to amendments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.bids.amended import rules
from portal.bids.amended.models import Acknowledgement
from portal.bids.models import Bid, BidPartner, BidVersion
from portal.bids.rules import BidState
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role

_ACKNOWLEDGED = (
    select(func.coalesce(func.max(Acknowledgement.number), 0))
    .where(Acknowledgement.bid_id == Bid.id)
    .correlate(Bid)
    .scalar_subquery()
)
_ANSWERED = (
    select(func.coalesce(func.max(BidVersion.answers), 0))
    .where(BidVersion.bid_id == Bid.id)
    .correlate(Bid)
    .scalar_subquery()
)


def last_acknowledged(session: Session, bid_id: UUID) -> int:
    """The last amendment to which the team has said that its bid stays; 0 for none."""
    query = select(func.max(Acknowledgement.number)).where(Acknowledgement.bid_id == bid_id)
    return session.scalar(query) or 0


def unanswered(session: Session, bid: Bid) -> int | None:
    """The number of the amendment that the team has to look at, if there is one."""
    amended = bid.challenge.amended
    if not amended or not bid.versions:
        return None
    said = last_acknowledged(session, bid.id)
    waits = rules.awaits_word(bid.state, amended, bid.versions[-1].answers, said)
    return amended if waits else None


def begun(session: Session, challenge_id: UUID) -> Sequence[Bid]:
    """Every bid that was begun on a challenge, whatever became of it, with its team."""
    return session.scalars(
        select(Bid)
        .where(Bid.challenge_id == challenge_id)
        .order_by(Bid.id)
        .options(
            joinedload(Bid.lead),
            joinedload(Bid.challenge),
            selectinload(Bid.versions),
            selectinload(Bid.partners).joinedload(BidPartner.organisation),
        )
    ).all()


def to_look_at(session: Session, actor: Actor, now: datetime) -> Sequence[Bid]:
    """Bids that the person's organisation has handed in and that an amendment came after."""
    return session.scalars(
        select(Bid)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
            Bid.state == BidState.SUBMITTED,
            Challenge.state == ChallengeState.PUBLISHED,
            Challenge.closes_at > now,
            Challenge.amended > func.greatest(_ANSWERED, _ACKNOWLEDGED),
        )
        .order_by(Challenge.closes_at)
        .limit(50)
        .options(joinedload(Bid.challenge))
    ).all()
