"""Reads about decisions, notices and objections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.awards import policy, rules
from portal.awards.models import Notice, Objection
from portal.awards.rules import NoticeState, ObjectionState, Ranked
from portal.bids.models import Bid, BidPartner
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings.models import Ranking, RankingPlace

Cursor = tuple[datetime, UUID]


def _whole(query: Select[Notice]) -> Select[Notice]:
    """With everything that a page about one notice shows, in a fixed number of queries."""
    return query.options(
        joinedload(Notice.challenge).joinedload(Challenge.call).joinedload(Call.issuer),
        selectinload(Notice.places),
        selectinload(Notice.objections).joinedload(Objection.objector),
    )


def lock(session: Session, notice_id: UUID) -> Notice:
    """The notice, locked after its challenge for the rest of the transaction. Raises NotFound."""
    challenge_id = session.scalar(select(Notice.challenge_id).where(Notice.id == notice_id))
    if challenge_id is None:
        raise NotFound
    challenge_queries.lock(session, challenge_id)
    return session.scalars(
        select(Notice)
        .where(Notice.id == notice_id)
        .options(selectinload(Notice.objections), selectinload(Notice.places))
        .with_for_update(key_share=True, of=Notice)
        .execution_options(populate_existing=True)
    ).one()


def objection(session: Session, objection_id: UUID) -> Objection:
    """One objection. Raises NotFound."""
    found = session.get(Objection, objection_id)
    if found is None:
        raise NotFound
    return found


def standing(session: Session, challenge_id: UUID) -> Notice | None:
    """The notice of a challenge that has not been withdrawn."""
    query = select(Notice).where(
        Notice.challenge_id == challenge_id, Notice.state != NoticeState.WITHDRAWN
    )
    return session.scalars(_whole(query)).one_or_none()


def next_number(session: Session, challenge_id: UUID) -> int:
    """The number of the next notice of a challenge."""
    last = session.scalar(
        select(func.max(Notice.number)).where(Notice.challenge_id == challenge_id)
    )
    return (last or 0) + 1


def public_notice(session: Session, code: str, number: int | None = None) -> Notice | None:
    """A published notice of a challenge: the one with a number, or the newest."""
    query = (
        select(Notice)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .where(Challenge.code == code, Notice.state != NoticeState.DECIDED)
        .order_by(Notice.number.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(Notice.number == number)
    return session.scalars(_whole(query)).one_or_none()


def numbers(session: Session, challenge_id: UUID) -> Sequence[int]:
    """The numbers of a challenge's published notices, newest first."""
    return session.scalars(
        select(Notice.number)
        .where(Notice.challenge_id == challenge_id, Notice.state != NoticeState.DECIDED)
        .order_by(Notice.number.desc())
    ).all()


def public_list(session: Session, before: Cursor | None, limit: int) -> Sequence[Notice]:
    """Published notices, newest first, a page at a time, from before a time and id."""
    query = (
        select(Notice)
        .where(Notice.state != NoticeState.DECIDED)
        .order_by(Notice.published_at.desc(), Notice.id.desc())
        .limit(limit)
        .options(joinedload(Notice.challenge), selectinload(Notice.places))
    )
    if before is not None:
        query = query.where(tuple_(Notice.published_at, Notice.id) < before)
    return session.scalars(query).all()


def own_objections(session: Session, actor: Actor | None, notice: Notice) -> list[Objection]:
    """The objections of a notice that this person may read."""
    if actor is None:
        return []
    return [o for o in notice.objections if policy.may_see_objection(actor, notice, o.raised_by)]


@dataclass(frozen=True)
class Case:
    """All that the decision on a challenge rests on."""

    challenge: Challenge
    ranking: Ranking | None
    notice: Notice | None

    @property
    def places(self) -> list[RankingPlace]:
        """The ranking's places in their order."""
        return sorted(self.ranking.places, key=lambda p: p.place) if self.ranking else []

    @property
    def ranked(self) -> list[Ranked]:
        """The places as the rules know them."""
        return [Ranked(p.bid_id, p.place, p.passed) for p in self.places]


def case(session: Session, challenge: Challenge) -> Case:
    """A challenge's ranking with its bids and the standing notice, in a fixed number of queries."""
    ranking = ranking_queries.latest_ranking(session, challenge.id)
    if ranking is not None:
        load_bids(session, [place.bid_id for place in ranking.places])
    return Case(challenge, ranking, standing(session, challenge.id))


def case_visible_to(session: Session, actor: Actor, code: str) -> Case | None:
    """The case of a challenge, for those who read its papers."""
    challenge = challenge_queries.visible_by_code(session, actor, code)
    if challenge is None or not policy.may_see_decision(actor, challenge):
        return None
    return case(session, challenge)


def load_bids(session: Session, ids: list[UUID]) -> Sequence[Bid]:
    """Bids with versions, lead and partners, so that reading these asks nothing more."""
    return session.scalars(
        select(Bid)
        .where(Bid.id.in_(ids))
        .options(
            joinedload(Bid.lead),
            selectinload(Bid.versions),
            selectinload(Bid.partners).joinedload(BidPartner.organisation),
        )
    ).all()


def undecided(session: Session, actor: Actor) -> Sequence[Challenge]:
    """Ranked challenges of the officer's bodies on which nothing has been decided."""
    decided = select(Notice.id).where(
        Notice.challenge_id == Challenge.id, Notice.state != NoticeState.WITHDRAWN
    )
    query = select(Challenge).where(
        Challenge.state == ChallengeState.RANKED, ~decided.exists(), _issued_by(actor)
    )
    return session.scalars(query.order_by(Challenge.code).limit(50)).all()


def under_way(session: Session, actor: Actor) -> Sequence[Notice]:
    """Notices of the officer's bodies that are neither confirmed nor withdrawn."""
    query = (
        select(Notice)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .where(Notice.state.in_([NoticeState.DECIDED, NoticeState.PUBLISHED]), _issued_by(actor))
        .order_by(Notice.decided_at)
        .limit(50)
        .options(joinedload(Notice.challenge), selectinload(Notice.objections))
    )
    return session.scalars(query).all()


def _issued_by(actor: Actor) -> Any:
    bodies = actor.organisations_as(*OFFICERS)
    return Challenge.call_id.in_(select(Call.id).where(Call.issuer_id.in_(bodies)))


def states_of(notice: Notice) -> list[ObjectionState]:
    """The states of a notice's objections."""
    return [objection.state for objection in notice.objections]


def next_step(notice: Notice, now: datetime) -> rules.Next:
    """What a notice waits for."""
    return rules.next_step(notice.state, notice.window_ends_at, states_of(notice), now)
