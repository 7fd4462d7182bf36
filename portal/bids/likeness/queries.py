"""Reads for the comparison, and of what it found."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts import queries as account_queries
from portal.accounts.models import Organisation
from portal.bids.likeness import policy
from portal.bids.likeness.models import BidText, LikePair
from portal.bids.likeness.rules import PairState
from portal.bids.likeness.sketch import METHOD
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import OPENED_STATES
from portal.challenges.models import Call, Challenge
from portal.core.access import Actor
from portal.core.errors import NotFound

BATCH = 1000
PAGE = 50


def _comparable(challenge: Challenge) -> ColumnElement[bool]:
    """Opened bids of the challenge, of its call, and of what was opened before it."""
    newer = aliased(BidVersion)
    replaced = exists().where(newer.bid_id == BidVersion.bid_id, newer.number > BidVersion.number)
    reach = or_(Challenge.call_id == challenge.call_id, Challenge.opened_at <= challenge.opened_at)
    return and_(Bid.state.in_(OPENED_STATES), Challenge.opened_at.is_not(None), reach, ~replaced)


def unread(session: Session, challenge: Challenge) -> Sequence[Row[UUID, str]]:
    """Versions whose text is still to be read, with their leads' names; its own bids first."""
    read = exists().where(BidText.version_id == BidVersion.id, BidText.method == METHOD)
    return session.execute(
        select(BidVersion.id, Organisation.name)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .join(Organisation, Organisation.id == Bid.lead_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(_comparable(challenge), ~read)
        .order_by((Challenge.id != challenge.id), BidVersion.id)
    ).all()


def own(session: Session, challenge: Challenge) -> Sequence[BidText]:
    """What was read of the challenge's own bids."""
    query = _read(challenge).where(Bid.challenge_id == challenge.id).order_by(BidVersion.bid_id)
    return session.scalars(query.options(joinedload(BidText.version))).all()


def _read(challenge: Challenge) -> Select[BidText]:
    return (
        select(BidText)
        .join(BidVersion, BidVersion.id == BidText.version_id)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(_comparable(challenge), BidText.method == METHOD)
    )


def others(session: Session, challenge: Challenge) -> Iterator[Sequence[Row[UUID, UUID, bytes]]]:
    """Version, bid and fingerprints of every other bid, in batches."""
    last: UUID | None = None
    whole = _read(challenge).where(Bid.challenge_id != challenge.id)
    query = whole.with_only_columns(BidText.version_id, Bid.id, BidText.sketch)
    while True:
        part = query if last is None else query.where(BidText.version_id > last)
        rows = session.execute(part.order_by(BidText.version_id).limit(BATCH)).all()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def traces_of_call(session: Session, challenge: Challenge) -> dict[UUID, dict[str, list[str]]]:
    """The traces of every bid of the call, by bid."""
    query = _read(challenge).where(Challenge.call_id == challenge.call_id)
    rows = session.execute(query.with_only_columns(Bid.id, BidText.traces))
    return {row[0]: row[1] for row in rows}


def texts(session: Session, bids: Sequence[UUID]) -> dict[UUID, BidText]:
    """What was read of these bids, by bid."""
    query = (
        select(BidText)
        .join(BidVersion, BidVersion.id == BidText.version_id)
        .where(BidVersion.bid_id.in_(bids))
        .order_by(BidVersion.number)
        .options(joinedload(BidText.version))
    )
    return {one.version.bid_id: one for one in session.scalars(query)}


def version(session: Session, version_id: UUID) -> BidVersion:
    """A version with its bid, files and challenge. Raises NotFound."""
    query = (
        select(BidVersion)
        .where(BidVersion.id == version_id)
        .options(
            joinedload(BidVersion.file),
            joinedload(BidVersion.bid).joinedload(Bid.lead),
            joinedload(BidVersion.bid).joinedload(Bid.challenge),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def challenges_of(session: Session, bids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The challenge of each bid."""
    rows = session.execute(select(Bid.id, Bid.challenge_id).where(Bid.id.in_(bids)))
    return {row[0]: row[1] for row in rows}


def leads_of(session: Session, bids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """The lead of each bid: id and name."""
    query = select(Bid).where(Bid.id.in_(bids)).options(joinedload(Bid.lead))
    return {bid.id: (bid.lead_id, bid.lead.name) for bid in session.scalars(query)}


def listed(session: Session, challenge_id: UUID, after: int = -1) -> Sequence[LikePair]:
    """The pairs of a challenge, the most alike first; one row more than a page."""
    bid, other = joinedload(LikePair.bid), joinedload(LikePair.other)
    query = (
        select(LikePair)
        .where(LikePair.challenge_id == challenge_id, LikePair.position > after)
        .order_by(LikePair.position)
        .limit(PAGE + 1)
        .options(
            bid.joinedload(Bid.lead),
            other.joinedload(Bid.lead),
            other.joinedload(Bid.challenge).joinedload(Challenge.call),
        )
    )
    return session.scalars(query).all()


def to_look_at(session: Session, challenge_id: UUID) -> int:
    """How many pairs nobody has judged yet."""
    query = select(func.count()).where(
        LikePair.challenge_id == challenge_id, LikePair.state == PairState.OPEN
    )
    return session.scalar(query) or 0


def of_challenge(session: Session, challenge_id: UUID) -> dict[tuple[UUID, UUID], LikePair]:
    """The known pairs of a challenge, locked, by their bids."""
    query = select(LikePair).where(LikePair.challenge_id == challenge_id).with_for_update()
    return {(pair.bid_id, pair.other_id): pair for pair in session.scalars(query)}


def _whole(pair_id: UUID) -> Select[LikePair]:
    bid, other = joinedload(LikePair.bid), joinedload(LikePair.other)
    call = joinedload(LikePair.challenge).joinedload(Challenge.call)
    return (
        select(LikePair)
        .where(LikePair.id == pair_id)
        .options(
            call.joinedload(Call.cluster),
            bid.joinedload(Bid.lead),
            bid.joinedload(Bid.challenge).joinedload(Challenge.call),
            bid.selectinload(Bid.partners),
            other.joinedload(Bid.lead),
            other.joinedload(Bid.challenge).joinedload(Challenge.call),
            other.selectinload(Bid.partners),
        )
    )


def visible_to(session: Session, actor: Actor, pair_id: UUID) -> LikePair:
    """A pair, for those who may see it. Raises NotFound."""
    found = session.scalars(_whole(pair_id)).one_or_none()
    if found is None or not policy.may_see(actor, found.challenge):
        raise NotFound
    return found


def lock(session: Session, pair_id: UUID) -> LikePair:
    """A pair, locked until the transaction ends. Raises NotFound."""
    query = _whole(pair_id).with_for_update(of=LikePair)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def judge_of(session: Session, pair: LikePair) -> str:
    """The name of who judged a pair; empty when nobody has."""
    if pair.judged_by is None:
        return ""
    return account_queries.names_of(session, [pair.judged_by]).get(pair.judged_by, "")
