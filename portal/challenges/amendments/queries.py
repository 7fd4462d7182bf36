"""Reads of amendments and of the versions of a sheet."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.amendments.models import Amendment, SheetVersion
from portal.challenges.amendments.rules import LIVE, AmendmentState
from portal.challenges.models import Attachment, Call, Challenge
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile

MOST = 50
"""Amendments that a page lists; a challenge with more is no longer the same challenge."""


def _whole() -> Select[Amendment]:
    challenge = joinedload(Amendment.challenge)
    return select(Amendment).options(
        challenge.joinedload(Challenge.call).joinedload(Call.issuer),
        challenge.selectinload(Challenge.indicators),
        challenge.selectinload(Challenge.funds),
        challenge.selectinload(Challenge.criteria),
        challenge.selectinload(Challenge.attachments),
        joinedload(Amendment.proposer),
    )


def lock(session: Session, amendment_id: UUID) -> Amendment:
    """The amendment with its challenge, both locked until the transaction ends. Raises NotFound."""
    challenge_id = session.scalar(
        select(Amendment.challenge_id).where(Amendment.id == amendment_id)
    )
    if challenge_id is None:
        raise NotFound
    challenge_queries.lock(session, challenge_id)
    return session.scalars(
        _whole()
        .where(Amendment.id == amendment_id)
        .with_for_update(key_share=True, of=Amendment)
        .execution_options(populate_existing=True)
    ).one()


def manageable(session: Session, actor: Actor, amendment_id: UUID) -> Amendment:
    """An amendment that the actor's body makes or has made. Raises NotFound."""
    found = session.scalars(_whole().where(Amendment.id == amendment_id)).one_or_none()
    if found is None or not challenge_policy.may_manage(actor, found.challenge):
        raise NotFound
    return found


def live(session: Session, challenge_id: UUID) -> Amendment | None:
    """The amendment of a challenge that is in the making."""
    return session.scalars(
        select(Amendment).where(
            Amendment.challenge_id == challenge_id, Amendment.state.in_(list(LIVE))
        )
    ).one_or_none()


def in_force(session: Session, challenge_id: UUID) -> Sequence[Amendment]:
    """The amendments of a challenge that the public sees, the last first."""
    return session.scalars(
        select(Amendment)
        .where(Amendment.challenge_id == challenge_id, Amendment.state == AmendmentState.APPLIED)
        .order_by(Amendment.number.desc())
        .limit(MOST)
    ).all()


def numbered(session: Session, challenge_id: UUID, number: int) -> Amendment:
    """The amendment in force with this number. Raises NotFound."""
    query = _whole().where(Amendment.challenge_id == challenge_id, Amendment.number == number)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def version(session: Session, challenge_id: UUID, number: int) -> SheetVersion | None:
    """A challenge's sheet after the amendment with this number; 0 is as published."""
    return session.scalars(
        select(SheetVersion).where(
            SheetVersion.challenge_id == challenge_id, SheetVersion.number == number
        )
    ).one_or_none()


def waiting_papers(session: Session, amendment_id: UUID) -> Sequence[Attachment]:
    """What an amendment brings and is not public yet."""
    return session.scalars(
        select(Attachment).where(
            Attachment.added_by == amendment_id,
            Attachment.is_live.is_(False),
            Attachment.removed_by.is_(None),
        )
    ).all()


def papers_of(session: Session, amendment: Amendment) -> Sequence[Attachment]:
    """The papers that an amendment brings or takes off; while it is made, those it starts from."""
    brought = Attachment.added_by == amendment.id
    public = or_(Attachment.is_live, Attachment.removed_by.is_not(None))
    if amendment.state in LIVE:
        touched = or_(brought, Attachment.is_live)
    else:
        touched = or_(and_(brought, public), Attachment.removed_by == amendment.id)
    home = Attachment.challenge_id == amendment.challenge_id
    return session.scalars(select(Attachment).where(home, touched)).all()


def paper(session: Session, amendment: Amendment, paper_id: UUID) -> StoredFile:
    """One of the papers of an amendment. Raises NotFound."""
    for one in papers_of(session, amendment):
        if one.id == paper_id:
            return one.file
    raise NotFound


def by_id(session: Session, amendment_id: UUID) -> Amendment | None:
    """One amendment with its challenge."""
    return session.scalars(_whole().where(Amendment.id == amendment_id)).one_or_none()


def in_the_making(session: Session, actor: Actor) -> Sequence[Amendment]:
    """What the actor's bodies write, or wait for a second officer to approve."""
    bodies = actor.organisations_as(*OFFICERS)
    return session.scalars(
        select(Amendment)
        .join(Challenge, Challenge.id == Amendment.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .where(Amendment.state.in_(list(LIVE)), Call.issuer_id.in_(bodies))
        .order_by(Amendment.drafted_at)
        .limit(MOST)
        .options(joinedload(Amendment.challenge))
    ).all()
