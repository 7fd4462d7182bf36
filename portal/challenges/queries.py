"""Reads of calls and challenges, named for the question they answer."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.queries import names_of, people_with_role
from portal.challenges import policy
from portal.challenges.models import Call, Challenge, Proposal
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import Settings
from portal.core.access import OFFICERS, Actor
from portal.core.errors import NotFound
from portal.core.files import StoredFile

PAGE = 20
Cursor = tuple[datetime, UUID]


def lock(session: Session, challenge_id: UUID) -> Challenge:
    """The challenge, locked until the transaction ends. Raises NotFound."""
    found = session.scalars(
        select(Challenge)
        .where(Challenge.id == challenge_id)
        .options(joinedload(Challenge.call))
        .with_for_update(key_share=True, of=Challenge)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_call(session: Session, call_id: UUID) -> Call:
    """The call, locked until the transaction ends. Raises NotFound."""
    found = session.get(Call, call_id, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def lock_proposal(session: Session, proposal_id: UUID) -> Proposal:
    """A proposal with its challenge, which is locked until the transaction ends. Raises NotFound."""
    home = session.scalar(select(Proposal.challenge_id).where(Proposal.id == proposal_id))
    if home is None:
        raise NotFound
    lock(session, home)
    return session.scalars(
        select(Proposal)
        .where(Proposal.id == proposal_id)
        .options(joinedload(Proposal.challenge))
        .execution_options(populate_existing=True)
    ).one()


def _whole() -> Select[Challenge]:
    call = joinedload(Challenge.call)
    return select(Challenge).options(
        call.joinedload(Call.cluster),
        call.joinedload(Call.issuer),
        selectinload(Challenge.indicators),
        selectinload(Challenge.funds),
        selectinload(Challenge.criteria),
        selectinload(Challenge.attachments),
    )


def by_code(session: Session, code: str) -> Challenge | None:
    """The challenge with this code, with all its parts."""
    return session.scalars(_whole().where(Challenge.code == code)).one_or_none()


def by_id(session: Session, challenge_id: UUID) -> Challenge | None:
    """The challenge, with all its parts."""
    return session.scalars(_whole().where(Challenge.id == challenge_id)).one_or_none()


def visible_by_code(session: Session, actor: Actor | None, code: str) -> Challenge | None:
    """The challenge with this code if the reader may see it."""
    found = by_code(session, code)
    return found if found and policy.may_see(actor, found) else None


def manageable(session: Session, actor: Actor, challenge_id: UUID) -> Challenge:
    """A challenge of the actor's own body, with all its parts. Raises NotFound."""
    found = session.scalars(_whole().where(Challenge.id == challenge_id)).one_or_none()
    if found is None or not policy.may_manage(actor, found):
        raise NotFound
    return found


def proposed(session: Session, actor: Actor, proposal_id: UUID) -> Challenge:
    """The challenge of a proposal in one of the actor's own bodies. Raises NotFound."""
    home = session.scalar(select(Proposal.challenge_id).where(Proposal.id == proposal_id))
    if home is None:
        raise NotFound
    return manageable(session, actor, home)


def people_of(session: Session, challenge: Challenge) -> dict[UUID, str]:
    """The names of those who proposed a challenge and decided on it."""
    people = {one.proposed_by for one in challenge.proposals}
    people |= {one.decided_by for one in challenge.proposals if one.decided_by}
    return names_of(session, people)


def _of_bodies(actor: Actor) -> Select[Challenge]:
    bodies = actor.organisations_as(*OFFICERS)
    query = select(Challenge).join(Call, Call.id == Challenge.call_id)
    return query.where(Call.issuer_id.in_(bodies)).options(joinedload(Challenge.call))


def drafts(session: Session, actor: Actor) -> Sequence[Challenge]:
    """What the actor's bodies have still to publish, the first deadline first."""
    query = _of_bodies(actor).where(Challenge.state == ChallengeState.DRAFT)
    return session.scalars(query.order_by(Challenge.closes_at, Challenge.id).limit(50)).all()


def waiting(session: Session, actor: Actor) -> Sequence[Challenge]:
    """What another officer of the actor's bodies has proposed, the first deadline first."""
    query = _of_bodies(actor).join(Proposal, Proposal.challenge_id == Challenge.id)
    query = query.where(Proposal.outcome.is_(None), Proposal.proposed_by != actor.user_id)
    query = query.where(Challenge.state == ChallengeState.PROPOSED)
    return session.scalars(query.order_by(Challenge.closes_at, Challenge.id).limit(50)).all()


def mine(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[Challenge]:
    """The challenges of the actor's bodies, newest first, a page at a time."""
    query = (
        _of_bodies(actor).order_by(Challenge.created_at.desc(), Challenge.id.desc()).limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(tuple_(Challenge.created_at, Challenge.id) < before)
    return session.scalars(query).all()


def calls_for(session: Session, actor: Actor) -> Sequence[Call]:
    """The calls for which the actor may draft."""
    return session.scalars(
        select(Call)
        .where(Call.issuer_id.in_(list(actor.organisations_as(*OFFICERS))))
        .options(joinedload(Call.cluster))
        .order_by(Call.year.desc(), Call.number)
    ).all()


def call(session: Session, call_id: UUID) -> Call | None:
    """One call."""
    return session.get(Call, call_id)


def usual_of(session: Session, call_id: UUID) -> Settings:
    """The settings that the challenges of a call begin with. Raises NotFound."""
    found = call(session, call_id)
    if found is None:
        raise NotFound
    return found.usual


def call_numbered(session: Session, number: str) -> Call | None:
    """The call with this number."""
    return session.scalars(select(Call).where(Call.number == number)).one_or_none()


def next_code(session: Session, call: Call) -> str:
    """The code of the call's next challenge; unique because the call's row is locked.

    One above the highest there is, since an import brings codes of its own.
    """
    session.execute(select(Call.id).where(Call.id == call.id).with_for_update())
    count = session.scalar(
        select(func.count()).select_from(Challenge).where(Challenge.call_id == call.id)
    )
    codes = select(Challenge.code).where(Challenge.code.startswith(f"{call.number}-"))
    endings = (code.rpartition("-")[2] for code in session.scalars(codes))
    taken = [int(ending) for ending in endings if re.fullmatch("[0-9]{1,9}", ending)]
    return f"{call.number}-{max([count or 0, *taken]) + 1:03d}"


def paper(session: Session, actor: Actor | None, code: str, paper_id: UUID) -> StoredFile:
    """A paper of a challenge that the reader may see. Raises NotFound."""
    challenge = visible_by_code(session, actor, code)
    papers = challenge.attachments if challenge else []
    for one in papers:
        if one.id == paper_id:
            return one.file
    raise NotFound


def successor(session: Session, challenge: Challenge) -> Challenge | None:
    """The published challenge that publishes this one anew, the newest of several."""
    return session.scalars(
        select(Challenge)
        .where(Challenge.follows_id == challenge.id, Challenge.published_at.is_not(None))
        .order_by(Challenge.published_at.desc())
        .limit(1)
    ).first()


def managers(session: Session, challenge: Challenge) -> Sequence[UUID]:
    """The officers of the issuing body, for their notices."""
    return people_with_role(session, OFFICERS, [challenge.call.issuer_id])


def deadline_passed(session: Session, since: datetime | None, now: datetime) -> bool:
    """Whether bids were due somewhere after `since`, and no longer are."""
    if since is None:
        return False
    posted = Challenge.state.notin_(
        (ChallengeState.DRAFT, ChallengeState.PROPOSED, ChallengeState.CANCELLED)
    )
    due = posted, Challenge.closes_at > since, Challenge.closes_at <= now
    return bool(session.scalar(select(select(Challenge.id).where(*due).exists())))
