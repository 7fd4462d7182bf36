"""Who must not see which bid, and why."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.models import Organisation, Person
from portal.bids.models import Bid, BidVersion
from portal.bids.rules import OPENED_STATES
from portal.bids.sections.models import BidAvoid, BidMember
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.errors import NotFound
from portal.reviews.conflicts.models import AvoidDecision, Conflict, Coworking, NamedTie
from portal.reviews.conflicts.rules import ConflictKind
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat

PAGE = 50


def excluded(session: Session, challenge_id: UUID) -> dict[UUID, list[Conflict]]:
    """Whom no panel of the challenge may have, each with the conflicts, of whatever bid."""
    rows = session.scalars(
        select(Conflict)
        .where(Conflict.challenge_id == challenge_id, Conflict.lifted_at.is_(None))
        .order_by(Conflict.reviewer_id, Conflict.since, Conflict.id)
    )
    found: dict[UUID, list[Conflict]] = defaultdict(list)
    for row in rows:
        found[row.reviewer_id].append(row)
    return dict(found)


def pairs(session: Session, call_id: UUID) -> Sequence[Row[UUID, UUID]]:
    """Which expert must not see which bid of a call: (reviewer_id, bid_id), each once.

    A conflict with a whole challenge counts for each of its bids.
    """
    return session.execute(
        select(Conflict.reviewer_id, Bid.id)
        .join(
            Bid,
            (Bid.challenge_id == Conflict.challenge_id)
            & or_(Conflict.bid_id.is_(None), Conflict.bid_id == Bid.id),
        )
        .join(Challenge, Challenge.id == Bid.challenge_id)
        .where(Challenge.call_id == call_id, Conflict.lifted_at.is_(None))
        .distinct()
        .order_by(Bid.id, Conflict.reviewer_id)
    ).all()


def standing(session: Session, reviewer_id: UUID, challenge_id: UUID) -> Sequence[Conflict]:
    """The conflicts of one expert with a challenge, the oldest first."""
    return session.scalars(
        select(Conflict)
        .where(
            Conflict.challenge_id == challenge_id,
            Conflict.reviewer_id == reviewer_id,
            Conflict.lifted_at.is_(None),
        )
        .options(joinedload(Conflict.bid))
        .order_by(Conflict.since, Conflict.id)
    ).all()


def expert(session: Session, reviewer_id: UUID) -> Reviewer:
    """An expert of the pool, with name and organisation. Raises NotFound."""
    found = session.get(
        Reviewer,
        reviewer_id,
        options=[joinedload(Reviewer.person), joinedload(Reviewer.organisation)],
    )
    if found is None:
        raise NotFound
    return found


def bid_of(session: Session, challenge_id: UUID, bid_id: UUID | None) -> UUID | None:
    """The bid, if it is an open one of the challenge; None for none. Raises NotFound."""
    if bid_id is None:
        return None
    query = select(Bid.id).where(Bid.id == bid_id, Bid.challenge_id == challenge_id)
    found = session.scalar(query.where(Bid.state.in_(OPENED_STATES)))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Wish:
    """A team's wish that an expert keeps away, the decision if there is one, and whom it meets."""

    row: BidAvoid
    bid: Bid
    decision: AvoidDecision | None
    known: bool
    """Whether the pool has such an expert."""


def wishes(session: Session, challenge_id: UUID) -> list[Wish]:
    """All wishes on a challenge, by bid and place."""
    name = func.portal_identity(Person.name, Organisation.name)
    known = (
        select(Reviewer.id)
        .join(Person, Person.id == Reviewer.person_id)
        .join(Organisation, Organisation.id == Reviewer.organisation_id)
        .where(name == BidAvoid.identity)
        .exists()
    )
    decided = and_(AvoidDecision.bid_id == Bid.id, AvoidDecision.identity == BidAvoid.identity)
    rows = session.execute(
        select(BidAvoid, Bid, AvoidDecision, known)
        .join(BidVersion, BidVersion.id == BidAvoid.version_id)
        .join(Bid, Bid.id == BidVersion.bid_id)
        .outerjoin(AvoidDecision, decided)
        .where(
            Bid.challenge_id == challenge_id,
            Bid.state.in_(OPENED_STATES),
            BidVersion.number == _newest(),
        )
        .options(joinedload(Bid.lead))
        .order_by(Bid.started_at, Bid.id, BidAvoid.position)
    )
    return [Wish(*row) for row in rows]


def _newest() -> ScalarSelect[int]:
    """The number of a bid's version that counts."""
    other = aliased(BidVersion)
    return (
        select(func.max(other.number))
        .where(other.bid_id == Bid.id, other.manifest.is_not(None))
        .scalar_subquery()
    )


def undecided(session: Session, bodies: Collection[UUID]) -> Sequence[Row[Challenge, int]]:
    """The challenges of these issuing bodies on which wishes wait, and how many."""
    decided = exists().where(
        AvoidDecision.bid_id == Bid.id, AvoidDecision.identity == BidAvoid.identity
    )
    return session.execute(
        select(Challenge, func.count(BidAvoid.id))
        .join(Bid, Bid.challenge_id == Challenge.id)
        .join(BidVersion, BidVersion.bid_id == Bid.id)
        .join(BidAvoid, BidAvoid.version_id == BidVersion.id)
        .join(Call, Call.id == Challenge.call_id)
        .where(
            Call.issuer_id.in_(bodies),
            Challenge.state == ChallengeState.OPENED,
            Bid.state.in_(OPENED_STATES),
            BidVersion.number == _newest(),
            ~decided,
        )
        .group_by(Challenge.id)
        .order_by(Challenge.opened_at, Challenge.id)
        .limit(50)
    ).all()


def wish(session: Session, challenge_id: UUID, wish_id: UUID) -> Wish:
    """One wish on a challenge. Raises NotFound."""
    for one in wishes(session, challenge_id):
        if one.row.id == wish_id:
            return one
    raise NotFound


def listed(session: Session, challenge_id: UUID, after: UUID | None = None) -> Sequence[Conflict]:
    """A page of the conflicts that stand on a challenge, by expert; one more than a page."""
    query = select(Conflict).where(
        Conflict.challenge_id == challenge_id, Conflict.lifted_at.is_(None)
    )
    if after is not None:
        edge = select(Conflict.reviewer_id, Conflict.id).where(Conflict.id == after)
        query = query.where(tuple_(Conflict.reviewer_id, Conflict.id) > edge.scalar_subquery())
    return session.scalars(
        query.options(
            joinedload(Conflict.reviewer).joinedload(Reviewer.person),
            joinedload(Conflict.reviewer).joinedload(Reviewer.organisation),
            joinedload(Conflict.bid).joinedload(Bid.lead),
        )
        .order_by(Conflict.reviewer_id, Conflict.id)
        .limit(PAGE + 1)
    ).all()


def tally(session: Session, challenge_id: UUID) -> dict[ConflictKind, int]:
    """How many experts each kind of conflict keeps away from a challenge."""
    rows = session.execute(
        select(Conflict.kind, func.count(Conflict.reviewer_id.distinct()))
        .where(Conflict.challenge_id == challenge_id, Conflict.lifted_at.is_(None))
        .group_by(Conflict.kind)
    )
    return dict(rows.all())


def named(session: Session, challenge_id: UUID) -> Sequence[Row[NamedTie, str]]:
    """The ties that experts named in the blind rounds of a challenge, each with who named it."""
    return session.execute(
        select(NamedTie, Person.name)
        .join(Seat, Seat.id == NamedTie.seat_id)
        .join(Round, Round.id == Seat.round_id)
        .join(Reviewer, Reviewer.id == Seat.reviewer_id)
        .join(Person, Person.id == Reviewer.person_id)
        .where(Round.challenge_id == challenge_id)
        .order_by(NamedTie.made_at, NamedTie.id)
    ).all()


def people_of(session: Session, bid_ids: Sequence[UUID]) -> dict[UUID, list[BidMember]]:
    """The key people of opened bids, as their last versions name them."""
    rows = session.execute(
        select(BidVersion.bid_id, BidMember)
        .join(BidMember, BidMember.version_id == BidVersion.id)
        .where(BidVersion.bid_id.in_(bid_ids))
        .order_by(BidVersion.number, BidMember.position)
    )
    found: dict[UUID, dict[UUID, list[BidMember]]] = defaultdict(dict)
    for bid_id, member in rows:
        found[bid_id].setdefault(member.version_id, []).append(member)
    return {bid_id: list(versions.values())[-1] for bid_id, versions in found.items()}


def coworkings(session: Session, reviewer_id: UUID) -> Sequence[Coworking]:
    """With whom an expert worked, the latest first."""
    return session.scalars(
        select(Coworking)
        .where(Coworking.reviewer_id == reviewer_id)
        .order_by(Coworking.until.desc().nulls_first(), Coworking.since.desc(), Coworking.id)
        .limit(200)
    ).all()


def coworking(session: Session, coworking_id: UUID) -> Coworking:
    """One cooperation with its expert. Raises NotFound."""
    found = session.get(Coworking, coworking_id, options=[joinedload(Coworking.reviewer)])
    if found is None:
        raise NotFound
    return found
