"""Reads about objections."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import queries as accounts
from portal.accounts.models import PersonRole
from portal.awards import queries as award_queries
from portal.awards.models import Notice
from portal.awards.objections import policy
from portal.awards.objections.models import Objection, ObjectionEvidence
from portal.awards.objections.rules import OPEN, Involvement
from portal.bids.checks.models import CheckItem, FormalCheck
from portal.bids.models import Bid, BidPartner
from portal.challenges.models import Call, Challenge
from portal.core.access import OFFICERS, Actor, Role
from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.reviews.pool.models import Reviewer
from portal.reviews.rounds.models import Round, Seat


def lock(session: Session, objection_id: UUID) -> Objection:
    """The objection, its notice and challenge locked before it. Raises NotFound."""
    notice_id = session.scalar(select(Objection.notice_id).where(Objection.id == objection_id))
    if notice_id is None:
        raise NotFound
    notice = award_queries.lock(session, notice_id)
    return next(one for one in notice.objections if one.id == objection_id)


def visible_to(session: Session, actor: Actor, objection_id: UUID) -> Objection | None:
    """An objection for those who may read it."""
    query = (
        select(Objection)
        .where(Objection.id == objection_id)
        .options(
            joinedload(Objection.notice).joinedload(Notice.challenge).joinedload(Challenge.call),
            joinedload(Objection.notice).selectinload(Notice.places),
            joinedload(Objection.examiner),
            joinedload(Objection.objector),
            selectinload(Objection.evidence).joinedload(ObjectionEvidence.file),
        )
    )
    found = session.scalars(query).one_or_none()
    return found if found is not None and policy.may_read(actor, found) else None


def evidence_visible_to(session: Session, actor: Actor, file_id: UUID) -> StoredFile | None:
    """A file of an objection: for its examiner and its author."""
    query = (
        select(ObjectionEvidence)
        .where(ObjectionEvidence.file_id == file_id)
        .options(joinedload(ObjectionEvidence.objection), joinedload(ObjectionEvidence.file))
    )
    row = session.scalars(query).one_or_none()
    if row is None or not policy.may_know_objector(actor, row.objection):
        return None
    return row.file


def of_challenge(session: Session, challenge_id: UUID) -> Sequence[Objection]:
    """The objections to any notice of a challenge, newest first."""
    query = (
        select(Objection)
        .join(Notice, Notice.id == Objection.notice_id)
        .where(Notice.challenge_id == challenge_id)
        .order_by(Objection.raised_at.desc())
        .options(joinedload(Objection.notice), joinedload(Objection.examiner))
    )
    return session.scalars(query).all()


def own(session: Session, actor: Actor | None, notice: Notice) -> list[Objection]:
    """The objections to a notice that this person raised."""
    if actor is None:
        return []
    return [one for one in notice.objections if one.raised_by == actor.user_id]


def involved(session: Session, objection: Objection) -> dict[UUID, Involvement]:
    """Who is not to examine an objection, and why."""
    challenge_id = objection.notice.challenge_id
    found = {objection.raised_by: Involvement.OBJECTED}
    found |= dict.fromkeys(_teams(session, challenge_id), Involvement.TEAM)
    seats = select(Reviewer.person_id).join(Seat, Seat.reviewer_id == Reviewer.id)
    seats = seats.join(Round, Round.id == Seat.round_id).where(Round.challenge_id == challenge_id)
    found |= dict.fromkeys(session.scalars(seats), Involvement.REVIEWED)
    found |= dict.fromkeys(_checkers(session, challenge_id), Involvement.CHECKED)
    deciders = select(Notice.decided_by, Notice.published_by).where(
        Notice.challenge_id == challenge_id
    )
    named = {one for row in session.execute(deciders) for one in row if one is not None}
    return found | dict.fromkeys(named, Involvement.DECIDED)


def _checkers(session: Session, challenge_id: UUID) -> set[UUID]:
    checks = (
        select(FormalCheck.officer_id, FormalCheck.decided_by)
        .join(Bid, Bid.id == FormalCheck.bid_id)
        .where(Bid.challenge_id == challenge_id)
    )
    answers = (
        select(CheckItem.answered_by)
        .join(Bid, Bid.id == CheckItem.bid_id)
        .where(Bid.challenge_id == challenge_id)
        .distinct()
    )
    people = {one for row in session.execute(checks) for one in row}
    return {one for one in people | set(session.scalars(answers)) if one is not None}


def _teams(session: Session, challenge_id: UUID) -> Sequence[UUID]:
    leads = select(Bid.lead_id).where(Bid.challenge_id == challenge_id)
    partners = (
        select(BidPartner.organisation_id)
        .join(Bid, Bid.id == BidPartner.bid_id)
        .where(Bid.challenge_id == challenge_id)
    )
    homes = PersonRole.organisation_id.in_(leads.union(partners))
    return session.scalars(select(PersonRole.person_id).where(homes)).all()


def candidates(session: Session, objection: Objection) -> dict[UUID, Involvement | None]:
    """Officers of the issuing body and of the city, each with what speaks against them."""
    issuer = objection.notice.challenge.call.issuer_id
    body = accounts.people_with_role(session, OFFICERS, [issuer])
    city = accounts.people_with_role(session, [Role.CITY_OFFICER])
    against = involved(session, objection)
    return {person: against.get(person) for person in dict.fromkeys([*body, *city])}


def waiting(session: Session) -> Sequence[Objection]:
    """Every objection that waits for somebody, with its notice and challenge."""
    query = select(Objection).where(Objection.state.in_(list(OPEN)))
    return session.scalars(
        query.order_by(Objection.raised_at).options(
            joinedload(Objection.notice).joinedload(Notice.challenge).joinedload(Challenge.call)
        )
    ).all()


def to_look_at(session: Session, actor: Actor) -> Sequence[Objection]:
    """Open objections to notices of the officer's bodies."""
    bodies = actor.organisations_as(*OFFICERS)
    issued = select(Call.id).where(Call.issuer_id.in_(bodies))
    return _open_where(session, Challenge.call_id.in_(issued))


def to_examine(session: Session, actor: Actor) -> Sequence[Objection]:
    """Objections that this person examines."""
    return _open_where(session, Objection.examiner_id == actor.user_id)


def _open_where(session: Session, condition: ColumnElement[bool]) -> Sequence[Objection]:
    query = (
        select(Objection)
        .join(Notice, Notice.id == Objection.notice_id)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .where(Objection.state.in_(list(OPEN)), condition)
        .order_by(Objection.raised_at)
        .limit(50)
        .options(joinedload(Objection.notice).joinedload(Notice.challenge))
    )
    return session.scalars(query).all()
