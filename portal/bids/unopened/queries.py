"""Reads about bids that did not open, named for the question they answer."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bids.losses import queries as losses
from portal.bids.models import Bid
from portal.bids.rules import UNOPENED, BidState
from portal.bids.unopened import rules
from portal.bids.unopened.models import SetAside
from portal.bids.unopened.rules import Undecided
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor


def standing(session: Session, bid_id: UUID) -> SetAside | None:
    """The decision by which a bid is kept out, unless an objection undid it."""
    return session.scalars(
        select(SetAside).where(SetAside.bid_id == bid_id, SetAside.upheld.is_not(True))
    ).one_or_none()


def history(session: Session, bid_id: UUID) -> Sequence[SetAside]:
    """All decisions of that kind about a bid, in their order."""
    query = select(SetAside).where(SetAside.bid_id == bid_id)
    return session.scalars(query.order_by(SetAside.decided_at)).all()


def was_taken_up(session: Session, bid_id: UUID) -> bool:
    """Whether an objection of the team was upheld once."""
    return any(one.upheld for one in history(session, bid_id))


Found = tuple[Bid, Undecided, datetime | None]


def undecided(session: Session, challenge_id: UUID, now: datetime) -> Iterator[Found]:
    """The bids of an opened challenge that did not open and keep its review waiting, and until when."""
    loss = losses.standing(session, challenge_id)
    until = loss.until if loss is not None else None
    rows = session.execute(
        select(Bid, SetAside)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .outerjoin(SetAside, (SetAside.bid_id == Bid.id) & SetAside.upheld.is_not(True))
        .where(
            Bid.challenge_id == challenge_id,
            Bid.state.in_(UNOPENED),
            Challenge.opened_at.is_not(None),  # before, nobody learns that there is such a bid
        )
        .order_by(Bid.started_at, Bid.id)
        .options(joinedload(Bid.lead))
    )
    for bid, aside in rows:
        found = _why(bid, aside, until, now)
        if found is not None:
            yield bid, *found


def _why(
    bid: Bid, aside: SetAside | None, until: datetime | None, now: datetime
) -> tuple[Undecided, datetime | None] | None:
    if bid.state is BidState.SUBMITTED or aside is None:
        returns = until is not None and now < until
        return (Undecided.RETURN, until) if returns else (Undecided.UNOPENED, None)
    if aside.objected_at is not None:
        return (Undecided.OBJECTION, None) if aside.answered_at is None else None
    ends = rules.objection_until(aside.decided_at)
    return (Undecided.RIGHT, ends) if now < ends else None


def objections(session: Session, actor: Actor) -> Sequence[SetAside]:
    """Objections that this officer may decide on."""
    return session.scalars(
        select(SetAside)
        .join(Bid, Bid.id == SetAside.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(
            SetAside.objected_at.is_not(None),
            SetAside.answered_at.is_(None),
            SetAside.decided_by.is_distinct_from(actor.user_id),
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
        )
        .order_by(SetAside.objected_at)
        .limit(50)
        .options(joinedload(SetAside.bid).joinedload(Bid.challenge))
    ).all()
