"""Reads of losses of shares, named for the question they answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session, joinedload

from portal.bids.losses.models import ShareLoss
from portal.bids.losses.rules import STANDING, LossState
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import HANDED_IN, BidState
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor, Role

PUBLIC = (LossState.CONFIRMED, LossState.CONCLUDED)


def standing(session: Session, challenge_id: UUID) -> ShareLoss | None:
    """The loss that is declared or confirmed and not concluded."""
    query = select(ShareLoss).where(
        ShareLoss.challenge_id == challenge_id, ShareLoss.state.in_(STANDING)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def last(session: Session, challenge_id: UUID) -> ShareLoss | None:
    """The loss that was declared last, however it ended."""
    query = select(ShareLoss).where(ShareLoss.challenge_id == challenge_id)
    return session.scalars(query.order_by(ShareLoss.declared_at.desc()).limit(1)).one_or_none()


def public(session: Session, challenge_id: UUID) -> ShareLoss | None:
    """The loss of which everybody may read."""
    query = select(ShareLoss).where(
        ShareLoss.challenge_id == challenge_id, ShareLoss.state.in_(PUBLIC)
    )
    return session.scalars(query.order_by(ShareLoss.declared_at.desc()).limit(1)).one_or_none()


def takes_returns(session: Session, challenge_id: UUID, now: datetime) -> bool:
    """Whether bids of the challenge are handed in again at `now`."""
    found = standing(session, challenge_id)
    return found is not None and found.until is not None and now < found.until


def waiting(session: Session, challenge_id: UUID) -> Sequence[UUID]:
    """The bids that are still sealed, in their order."""
    query = select(Bid.id).where(Bid.challenge_id == challenge_id, Bid.state == BidState.SUBMITTED)
    return session.scalars(query.order_by(Bid.started_at, Bid.id)).all()


def confirmed(session: Session) -> Sequence[UUID]:
    """Challenges whose bids are being handed in again, or whose date for it has passed."""
    query = select(ShareLoss.challenge_id).where(ShareLoss.state == LossState.CONFIRMED)
    return session.scalars(query.limit(100)).all()


def to_decide(session: Session, actor: Actor) -> Sequence[ShareLoss]:
    """Declarations on which this person may decide as the second one."""
    ours = Call.issuer_id.in_(actor.organisations_as(*OFFICERS))
    reach = true() if actor.has(Role.AUDITOR) else ours
    return session.scalars(
        select(ShareLoss)
        .join(Challenge, Challenge.id == ShareLoss.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(ShareLoss.state == LossState.DECLARED, ShareLoss.declared_by != actor.user_id, reach)
        .order_by(ShareLoss.declared_at)
        .limit(50)
        .options(joinedload(ShareLoss.challenge))
    ).all()


def to_return(session: Session, actor: Actor, now: datetime) -> Sequence[tuple[Bid, datetime]]:
    """Bids that the person's organisation leads and has to hand in again, and until when."""
    rows = session.execute(
        select(Bid, ShareLoss.until)
        .join(ShareLoss, ShareLoss.challenge_id == Bid.challenge_id)
        .where(
            Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
            Bid.state == BidState.SUBMITTED,
            ShareLoss.state == LossState.CONFIRMED,
            ShareLoss.until > now,
        )
        .order_by(ShareLoss.until)
        .limit(50)
        .options(joinedload(Bid.challenge))
    )
    return [(bid, until) for bid, until in rows if until is not None]


class Returned(NamedTuple):
    """A bid of a challenge by its fingerprint, and whether it is open."""

    commit: str
    is_open: bool


def outcome(session: Session, challenge_id: UUID) -> list[Returned]:
    """What came of each bid that was counted, in the order of the fingerprints."""
    sealed = (
        select(BidVersion.bid_id, func.max(BidVersion.number).label("number"))
        .where(BidVersion.ct_sha256.is_not(None))
        .group_by(BidVersion.bid_id)
        .subquery()
    )
    same = and_(sealed.c.bid_id == BidVersion.bid_id, sealed.c.number == BidVersion.number)
    rows = session.execute(
        select(BidVersion.commit, BidVersion.manifest.is_not(None))
        .join(sealed, same)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .where(Bid.challenge_id == challenge_id, Bid.state.in_(HANDED_IN))
        .order_by(BidVersion.commit)
    )
    return [Returned(*row) for row in rows]
