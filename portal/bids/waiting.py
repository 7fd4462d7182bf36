"""Reads about what waits for whom: drafts, invitations, openings, formal checks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload

from portal.bids.checks import queries as check_queries
from portal.bids.checks.models import Correction, FormalCheck
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import OPENING_GRACE, BidState, PartnerState
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor, Role

REPLY_LONGEST = timedelta(days=30)
"""No holidays in a row make the working days of a reply longer than that."""


def unfinished(session: Session, actor: Actor, now: datetime) -> Sequence[Bid]:
    """Bids that the person's organisation leads, not handed in, whose deadline is still ahead."""
    return session.scalars(
        select(Bid)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
            Bid.state == BidState.DRAFT,
            _open_for_bids(now),
        )
        .order_by(Challenge.closes_at)
        .limit(50)
        .options(joinedload(Bid.challenge))
    ).all()


def corrections(session: Session, actor: Actor, now: datetime) -> Sequence[Correction]:
    """Corrections asked of bids that the person's organisation leads, whose time still runs."""
    return session.scalars(
        select(Correction)
        .join(Bid, Bid.id == Correction.bid_id)
        .where(
            Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
            Bid.state == BidState.CORRECTING,
            Correction.due_at > now,
        )
        .order_by(Correction.due_at)
        .limit(50)
        .options(joinedload(Correction.bid).joinedload(Bid.challenge))
    ).all()


def replies(session: Session, actor: Actor, now: datetime) -> list[tuple[Bid, datetime]]:
    """Refused bids that the person's organisation leads and may still reply for, and until when."""
    rows = session.scalars(
        select(Bid)
        .join(FormalCheck, FormalCheck.bid_id == Bid.id)
        .where(
            Bid.lead_id.in_(actor.organisations_as(Role.BIDDER_LEAD)),
            Bid.state == BidState.REJECTED,
            FormalCheck.decided_at > now - REPLY_LONGEST,
        )
        .order_by(FormalCheck.decided_at)
        .limit(50)
        .options(joinedload(Bid.challenge), joinedload(Bid.check), joinedload(Bid.reply))
    ).all()
    ends = ((bid, check_queries.reply_until(bid)) for bid in rows)
    return [(bid, until) for bid, until in ends if until is not None and now < until]


def invitations(session: Session, actor: Actor, now: datetime) -> Sequence[BidPartner]:
    """Invitations that the person can still answer."""
    return session.scalars(
        select(BidPartner)
        .join(Bid, Bid.id == BidPartner.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(
            BidPartner.organisation_id.in_(actor.organisations_as(Role.PARTNER)),
            BidPartner.state == PartnerState.INVITED,
            _open_for_bids(now),
        )
        .order_by(Challenge.closes_at)
        .limit(50)
        .options(
            joinedload(BidPartner.bid).joinedload(Bid.challenge),
            joinedload(BidPartner.bid).joinedload(Bid.lead),
        )
    ).all()


def _open_for_bids(now: datetime) -> ColumnElement[bool]:
    return and_(Challenge.state == ChallengeState.PUBLISHED, Challenge.closes_at > now)


def to_open(session: Session, actor: Actor, now: datetime) -> Sequence[Challenge]:
    """Challenges of the officer's bodies whose deadline has passed and which are not opened."""
    closed = and_(
        Challenge.state == ChallengeState.PUBLISHED, Challenge.closes_at <= now - OPENING_GRACE
    )
    query = select(Challenge).where(closed, _issued_by(actor))
    return session.scalars(query.order_by(Challenge.closes_at).limit(50)).all()


def to_check(session: Session, actor: Actor) -> Sequence[tuple[Challenge, int]]:
    """Challenges of the officer's bodies with the number of bids that wait for the formal check."""
    rows = session.execute(
        select(Challenge, func.count(Bid.id))
        .join(Bid, Bid.challenge_id == Challenge.id)
        .where(Bid.state.in_([BidState.OPENED, BidState.CONTESTED]), _issued_by(actor))
        .group_by(Challenge.id)
        .order_by(Challenge.code)
        .limit(50)
    )
    return [(challenge, count) for challenge, count in rows]


def _issued_by(actor: Actor) -> ColumnElement[bool]:
    bodies = actor.organisations_as(*OFFICERS)
    return Challenge.call_id.in_(select(Call.id).where(Call.issuer_id.in_(bodies)))
