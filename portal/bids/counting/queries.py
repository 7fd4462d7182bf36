"""Reads of what is counted: the fingerprints of sealed bids, and which deadlines wait for a count."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.audit.models import Numbered
from portal.audit.queries import is_covered
from portal.audit.rules import Action
from portal.bids.counting.models import BidCount
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import HANDED_IN, OPENING_GRACE
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState


class Listed(NamedTuple):
    """What everybody reads of a bid once it is open: no name, and what its receipt has as well."""

    commit: str
    ct_sha256: str | None
    entry: int | None
    """The number of the submission's entry in the log."""


def fingerprints(session: Session, challenge_id: UUID) -> list[str]:
    """The fingerprints of the last version of every bid that is handed in, in their order."""
    return [one.commit for one in listed(session, challenge_id)]


def listed(session: Session, challenge_id: UUID) -> list[Listed]:
    """The last version of every bid that is handed in, in the order of the fingerprints.

    A correction is a version after the opening; the last one before it counts.
    """
    last = (
        select(BidVersion.bid_id, func.max(BidVersion.number).label("number"))
        .join(Bid, Bid.id == BidVersion.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(Bid.challenge_id == challenge_id, Bid.state.in_(HANDED_IN))
        .where(BidVersion.submitted_at < Challenge.closes_at)
        .group_by(BidVersion.bid_id)
        .subquery()
    )
    same = and_(last.c.bid_id == BidVersion.bid_id, last.c.number == BidVersion.number)
    rows = (
        select(BidVersion.commit, BidVersion.ct_sha256, Numbered.seq)
        .join(last, same)
        .outerjoin(Numbered, Numbered.entry_id == BidVersion.entry_id)
    )
    return [Listed(*row) for row in session.execute(rows.order_by(BidVersion.commit))]


def count_of(session: Session, challenge: Challenge) -> BidCount | None:
    """What was published at the challenge's deadline, if that has passed and was counted."""
    return session.scalars(
        select(BidCount).where(
            BidCount.challenge_id == challenge.id, BidCount.closes_at == challenge.closes_at
        )
    ).one_or_none()


def to_count(session: Session, now: datetime) -> Sequence[UUID]:
    """Challenges whose deadline has passed and whose bids are not counted."""
    counted = and_(BidCount.challenge_id == Challenge.id, BidCount.closes_at == Challenge.closes_at)
    return session.scalars(
        select(Challenge.id)
        .outerjoin(BidCount, counted)
        .where(
            Challenge.state == ChallengeState.PUBLISHED,
            Challenge.closes_at <= now - OPENING_GRACE,
            BidCount.id.is_(None),
        )
        .order_by(Challenge.closes_at)
        .limit(100)
    ).all()


def is_published(session: Session, challenge: Challenge) -> bool:
    """Whether the count of the challenge's deadline has its number in the log, and a checkpoint that
    everybody may see covers it: from then on nobody can take it back unseen."""
    return count_of(session, challenge) is not None and is_covered(
        session, Action.BIDS_COUNTED, challenge.subject_ref
    )
