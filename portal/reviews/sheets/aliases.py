"""What bids are called in a blind round (匿名评审): A, B, C and so on, the same for every reviewer."""

import hashlib
from collections.abc import Iterable
from string import ascii_uppercase
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.bids.rules import OPENED_STATES
from portal.reviews.rounds.models import Round


def is_blind(review: Round) -> bool:
    """Whether the reviewers of a round do not learn who the teams are; frozen with the challenge."""
    return review.challenge.rules.blind_review


def alias_of(session: Session, review: Round, bid: Bid) -> str:
    """The letters of one bid; see `aliases`."""
    return aliases(session, review)[bid.id]


def aliases(session: Session, review: Round) -> dict[UUID, str]:
    """The letters of all opened bids of a round's challenge, by bid.

    Rejected ones keep theirs, so that a bid that is let in again moves no other.
    """
    opened = select(Bid.id).where(Bid.challenge_id == review.challenge_id)
    found = session.scalars(opened.where(Bid.state.in_(OPENED_STATES))).all()
    return lettered(review.challenge_id, found)


def lettered(challenge_id: UUID, bids: Iterable[UUID]) -> dict[UUID, str]:
    """Letters in an order that says nothing of who began or handed in first. Pure."""
    ordered = sorted(bids, key=lambda one: hashlib.sha256(challenge_id.bytes + one.bytes).digest())
    return {one: letters(number) for number, one in enumerate(ordered)}


def letters(number: int) -> str:
    """A to Z, then AA, AB and so on; 0 is A."""
    first, last = divmod(number, len(ascii_uppercase))
    return (letters(first - 1) if first else "") + ascii_uppercase[last]
