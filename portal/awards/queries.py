"""Reads about decisions and notices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.awards import policy, rules
from portal.awards.models import Notice, Renunciation
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import OPEN, Effect, ObjectionState
from portal.awards.rules import STANDING, Disputed, NoticeKind, NoticeState, Ranked
from portal.bids.models import Bid, BidPartner
from portal.bids.rules import CHECKING, BidState
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Call, Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor
from portal.core.errors import IllegalMove, NotFound
from portal.core.words import N_
from portal.reviews.rankings import queries as ranking_queries
from portal.reviews.rankings.models import Ranking, RankingPlace

Cursor = tuple[datetime, UUID]


def _whole(query: Select[Notice]) -> Select[Notice]:
    """With everything that a page about one notice shows, in a fixed number of queries."""
    return query.options(
        joinedload(Notice.challenge).joinedload(Challenge.call).joinedload(Call.issuer),
        joinedload(Notice.decider),
        joinedload(Notice.replaces),
        selectinload(Notice.places),
        selectinload(Notice.objections).joinedload(Objection.examiner),
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


def standing(session: Session, challenge_id: UUID) -> Notice | None:
    """The notice of a challenge that is neither corrected nor withdrawn."""
    query = select(Notice).where(
        Notice.challenge_id == challenge_id, Notice.state.in_(list(STANDING))
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


def public_by_id(session: Session, notice_id: UUID) -> Notice | None:
    """A published notice."""
    query = _whole(select(Notice).where(Notice.id == notice_id))
    return session.scalars(query.where(Notice.state != NoticeState.DECIDED)).one_or_none()


def successor(session: Session, notice: Notice) -> Notice | None:
    """The notice that corrects or withdraws this one."""
    query = select(Notice).where(
        Notice.replaces_id == notice.id,
        Notice.kind.in_([NoticeKind.CORRECTION, NoticeKind.WITHDRAWAL]),
    )
    return session.scalars(query.order_by(Notice.number).limit(1)).first()


def last_withdrawal(session: Session, challenge_id: UUID) -> Notice | None:
    """The notice that announced the last withdrawal of a decision."""
    query = select(Notice).where(
        Notice.challenge_id == challenge_id, Notice.kind == NoticeKind.WITHDRAWAL
    )
    return session.scalars(query.order_by(Notice.number.desc()).limit(1)).first()


def earlier(session: Session, challenge_id: UUID, notice: Notice | None) -> Sequence[Notice]:
    """The other published notices of a challenge, newest first."""
    query = select(Notice).where(
        Notice.challenge_id == challenge_id, Notice.state != NoticeState.DECIDED
    )
    if notice is not None:
        query = query.where(Notice.id != notice.id)
    return session.scalars(query.order_by(Notice.number.desc())).all()


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


def runs_of(session: Session, notices: Iterable[Notice]) -> dict[UUID, list[UUID]]:
    """Of each notice, itself and those that it corrects: objections to any of them stand against it."""
    notices = list(notices)
    challenges = {one.challenge_id for one in notices}
    query = select(Notice.id, Notice.replaces_id).where(
        Notice.challenge_id.in_(challenges), Notice.kind == NoticeKind.CORRECTION
    )
    corrects = {row.id: row.replaces_id for row in session.execute(query)}
    runs: dict[UUID, list[UUID]] = {}
    for one in notices:
        runs[one.id] = [one.id]
        while runs[one.id][-1] in corrects:
            runs[one.id].append(corrects[runs[one.id][-1]])
    return runs


def upheld_against(session: Session, notice: Notice) -> Sequence[Objection]:
    """The upheld objections that make a notice go."""
    run = runs_of(session, [notice])[notice.id]
    query = select(Objection).where(
        Objection.notice_id.in_(run), Objection.state == ObjectionState.UPHELD
    )
    return session.scalars(query.order_by(Objection.raised_at)).all()


def disputed_of(session: Session, notices: Sequence[Notice]) -> dict[UUID, Disputed]:
    """What stands against each notice; an open objection to any notice of the challenge does."""
    if not notices:
        return {}
    runs = runs_of(session, notices)
    challenges = {one.challenge_id for one in notices}
    objections = session.execute(
        select(Notice.challenge_id, Objection.notice_id, Objection.state)
        .join(Notice, Notice.id == Objection.notice_id)
        .where(Notice.challenge_id.in_(challenges))
    ).all()
    left = session.scalars(
        select(Renunciation.notice_id)
        .join(Notice, Notice.id == Renunciation.notice_id)
        .where(Notice.challenge_id.in_(challenges))
    ).all()
    return {
        one.id: Disputed(
            sum(row.challenge_id == one.challenge_id and row.state in OPEN for row in objections),
            sum(
                row.notice_id in runs[one.id] and row.state is ObjectionState.UPHELD
                for row in objections
            ),
            sum(notice_id in runs[one.id] for notice_id in left),
        )
        for one in notices
    }


def disputed(session: Session, notice: Notice) -> Disputed:
    """What stands against one notice."""
    return disputed_of(session, [notice])[notice.id]


def out_of_play(session: Session, challenge_id: UUID) -> frozenset[UUID]:
    """Ranked bids that cannot win: who stepped back, was left out, or no longer passes the check."""
    stepped = (
        select(Renunciation.bid_id)
        .join(Bid, Bid.id == Renunciation.bid_id)
        .where(Bid.challenge_id == challenge_id)
    )
    replaced = (
        select(Objection.bid_id)
        .join(Notice, Notice.id == Objection.notice_id)
        .where(
            Notice.challenge_id == challenge_id,
            Objection.state == ObjectionState.UPHELD,
            Objection.effect == Effect.REPLACE,
        )
    )
    still = {BidState.ELIGIBLE, BidState.WON, BidState.LOST}
    unfit = select(Bid.id).where(Bid.challenge_id == challenge_id, Bid.state.not_in(still))
    return frozenset(
        bid_id
        for query in (stepped, replaced, unfit)
        for bid_id in session.scalars(query)
        if bid_id
    )


@dataclass(frozen=True)
class Case:
    """All that the decision on a challenge rests on."""

    challenge: Challenge
    ranking: Ranking | None
    notice: Notice | None
    out: frozenset[UUID] = frozenset()
    """Ranked bids that cannot win any more; the next in order steps in."""
    kept: frozenset[UUID] = frozenset()
    """Winners of an earlier notice whose award stands; what is decided is the other places."""

    @property
    def places(self) -> list[RankingPlace]:
        """The ranking's places in their order."""
        return sorted(self.ranking.places, key=lambda p: p.place) if self.ranking else []

    @property
    def ranked(self) -> list[Ranked]:
        """The places as the rules know them."""
        places = [Ranked(p.bid_id, p.place, p.passed) for p in self.places]
        return rules.in_play(places, self.out | self.kept)

    @property
    def free(self) -> int:
        """How many bids may still be chosen."""
        return self.challenge.rules.winners - len(self.kept)


def case(session: Session, challenge: Challenge) -> Case:
    """A challenge's ranking with its bids and the standing notice, in a fixed number of queries."""
    ranking = ranking_queries.latest_ranking(session, challenge.id)
    bids = load_bids(session, [place.bid_id for place in ranking.places]) if ranking else ()
    kept = frozenset(bid.id for bid in bids if bid.state is BidState.WON)
    out = out_of_play(session, challenge.id)
    return Case(challenge, ranking, standing(session, challenge.id), out, kept)


def require_settled(session: Session, case: Case) -> None:
    """Refuse to decide while a ranked bid is checked again. Raises IllegalMove."""
    if any(place.bid.state in CHECKING for place in case.places):
        raise IllegalMove(N_("A bid is formally checked again: the decision waits for it."))


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
        Notice.challenge_id == Challenge.id, Notice.state.in_(list(STANDING))
    )
    query = select(Challenge).where(
        Challenge.state == ChallengeState.RANKED, ~decided.exists(), _issued_by(actor)
    )
    return session.scalars(query.order_by(Challenge.code).limit(50)).all()


def under_way(session: Session, actor: Actor) -> Sequence[Notice]:
    """Notices of the officer's bodies that are drafts, or out and not confirmed."""
    waiting = [NoticeState.DECIDED, *rules.OUT]
    query = (
        select(Notice)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .where(Notice.state.in_(waiting), _issued_by(actor))
        .order_by(Notice.decided_at)
        .limit(50)
        .options(joinedload(Notice.challenge), selectinload(Notice.objections))
    )
    return session.scalars(query).all()


def _issued_by(actor: Actor) -> Any:
    bodies = actor.organisations_as(*OFFICERS)
    return Challenge.call_id.in_(select(Call.id).where(Call.issuer_id.in_(bodies)))


def to_close(session: Session, now: datetime) -> Sequence[UUID]:
    """Published notices whose window is over."""
    return session.scalars(
        select(Notice.id).where(Notice.state == NoticeState.PUBLISHED, Notice.window_ends_at <= now)
    ).all()


def waiting(session: Session) -> Sequence[Notice]:
    """Every notice that waits for an officer: a draft, or one whose window may be over."""
    states = [NoticeState.DECIDED, *rules.OUT]
    query = select(Notice).where(Notice.state.in_(states)).options(joinedload(Notice.challenge))
    return session.scalars(query.order_by(Notice.id)).all()


def next_step(session: Session, notice: Notice, now: datetime) -> rules.Next:
    """What a notice waits for."""
    return rules.next_step(notice.state, notice.window_ends_at, disputed(session, notice), now)


def last_contacts(session: Session, challenge: Challenge) -> tuple[str, str]:
    """Whom to ask and who supervises: as the body's last notice said, or the challenge's contact."""
    query = (
        select(Notice.supervision_contact)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(Call.issuer_id == challenge.call.issuer_id, Notice.supervision_contact != "")
        .order_by(Notice.decided_at.desc())
        .limit(1)
    )
    parts = (challenge.contact_name, challenge.contact_phone, challenge.contact_email)
    business = " ".join(part for part in parts if part)
    return business, session.scalar(query) or ""
