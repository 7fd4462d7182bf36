"""Reads of opening keys, named for the question they answer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organisation, Person, PersonRole
from portal.challenges.keys import policy
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import (
    HOLDERS,
    PROOF_TIME,
    ROLES,
    Body,
    Candidate,
    KeyState,
    ShareState,
)
from portal.challenges.models import Call, Challenge
from portal.challenges.queries import PAGE, Cursor, by_id
from portal.challenges.rules import ChallengeState
from portal.core.access import OFFICERS, Actor
from portal.core.errors import IllegalMove, NotFound
from portal.core.words import N_

NOT_READY = N_(
    "Bids cannot be handed in yet: the three custodians have not proven the opening key. What you "
    "have written stays; you will find the button here as soon as the key is ready."
)


def public_key(session: Session, challenge_id: UUID) -> bytes:
    """What bids are sealed to: 32 bytes. Raises IllegalMove while the key is not made."""
    found = session.scalar(
        select(OpeningKey.public_key).where(OpeningKey.challenge_id == challenge_id)
    )
    if found is None:
        raise IllegalMove(NOT_READY)
    return found


def is_ready(session: Session, challenge_id: UUID) -> bool:
    """Whether bids can be handed in, as far as the key goes."""
    made = select(OpeningKey.id).where(
        OpeningKey.challenge_id == challenge_id, OpeningKey.state == KeyState.READY
    )
    return session.scalar(made) is not None


def are_named(session: Session, challenge_id: UUID) -> bool:
    """Whether all three custodians of a challenge are chosen."""
    key = key_of(session, challenge_id)
    return key is not None and len(key.shares) == len(HOLDERS)


def key_of(session: Session, challenge_id: UUID) -> OpeningKey | None:
    """The key of a challenge with its custodians, if they are named."""
    return session.scalars(
        select(OpeningKey)
        .where(OpeningKey.challenge_id == challenge_id)
        .options(
            selectinload(OpeningKey.shares).options(
                joinedload(KeyShare.person), joinedload(KeyShare.organisation)
            )
        )
    ).one_or_none()


def lock(session: Session, challenge_id: UUID) -> OpeningKey | None:
    """The key of a challenge, locked until the transaction ends."""
    found = session.scalars(
        select(OpeningKey)
        .where(OpeningKey.challenge_id == challenge_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is not None:
        session.refresh(found, ["shares"])
    return found


def lock_share(session: Session, share_id: UUID) -> KeyShare:
    """A share, its whole key locked until the transaction ends. Raises NotFound."""
    home = session.scalar(
        select(OpeningKey.challenge_id)
        .join(KeyShare, KeyShare.key_id == OpeningKey.id)
        .where(KeyShare.id == share_id)
    )
    key = lock(session, home) if home else None
    for share in key.shares if key else []:
        if share.id == share_id:
            session.refresh(share)
            return share
    raise NotFound


def own_share(session: Session, actor: Actor, share_id: UUID) -> KeyShare:
    """A share that the actor holds. Raises NotFound."""
    found = session.scalars(_shares().where(KeyShare.id == share_id)).one_or_none()
    if found is None or not policy.may_hold(actor, found):
        raise NotFound
    return found


def share_of(session: Session, actor: Actor, challenge_id: UUID) -> KeyShare | None:
    """The share of a challenge that is the actor's, if there is one."""
    query = _shares().join(OpeningKey, OpeningKey.id == KeyShare.key_id)
    return session.scalars(
        query.where(OpeningKey.challenge_id == challenge_id, KeyShare.person_id == actor.user_id)
    ).one_or_none()


def _shares() -> Select[KeyShare]:
    home = joinedload(KeyShare.key).joinedload(OpeningKey.challenge).joinedload(Challenge.call)
    return select(KeyShare).options(home, joinedload(KeyShare.organisation))


def _own(actor: Actor) -> Select[KeyShare]:
    query = _shares().join(OpeningKey, OpeningKey.id == KeyShare.key_id)
    query = query.join(Challenge, Challenge.id == OpeningKey.challenge_id)
    return query.where(KeyShare.person_id == actor.user_id, Challenge.published_at.is_not(None))


def own_shares(session: Session, actor: Actor, before: Cursor | None = None) -> Sequence[KeyShare]:
    """The shares of published challenges that a person holds, the newest first, a page at a time."""
    query = _own(actor).order_by(KeyShare.named_at.desc(), KeyShare.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(tuple_(KeyShare.named_at, KeyShare.id) < before)
    return session.scalars(query).all()


def to_prove(session: Session, actor: Actor, now: datetime) -> Sequence[KeyShare]:
    """The shares that a person has still to prove, the first deadline first."""
    query = _own(actor).where(
        KeyShare.state != ShareState.PROVEN,
        Challenge.state == ChallengeState.PUBLISHED,
        Challenge.closes_at > now,
    )
    return session.scalars(query.order_by(Challenge.closes_at, KeyShare.id).limit(50)).all()


def candidates(session: Session, challenge: Challenge) -> dict[Body, list[Candidate]]:
    """Who may hold a share of a challenge, for each body, by organisation and name."""
    found: dict[Body, list[Candidate]] = {body: [] for body in HOLDERS.values()}
    for body in found:
        rows = session.execute(
            select(Person.id, Person.name, Organisation.id, Organisation.name)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .join(Organisation, Organisation.id == PersonRole.organisation_id)
            .where(PersonRole.role.in_(list(ROLES[body])), Person.active)
            .where((Organisation.id == challenge.call.issuer_id) == (body is Body.ISSUER))
            .distinct()
            .order_by(Organisation.name, Person.name, Person.id)
            .limit(500)
        )
        found[body] = [Candidate(*row) for row in rows]
    return found


def visible(session: Session, actor: Actor, challenge_id: UUID) -> Challenge:
    """A challenge whose key the actor may look at. Raises NotFound."""
    found = by_id(session, challenge_id)
    if found is None or not policy.may_see(actor, found):
        raise NotFound
    return found


def chosen(session: Session, challenge: Challenge) -> dict[int, UUID]:
    """The custodians, by holder; while there are none, those whom the issuing body chose last."""
    key = key_of(session, challenge.id)
    if key is not None:
        return {share.holder: share.person_id for share in key.shares}
    last = session.scalar(
        select(OpeningKey.id)
        .join(Challenge, Challenge.id == OpeningKey.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .join(KeyShare, KeyShare.key_id == OpeningKey.id)
        .where(Call.issuer_id == challenge.call.issuer_id)
        .order_by(KeyShare.named_at.desc())
        .limit(1)
    )
    rows = session.execute(
        select(KeyShare.holder, KeyShare.person_id).where(KeyShare.key_id == last)
    )
    return {row.holder: row.person_id for row in rows}


def without_key(session: Session, actor: Actor, now: datetime) -> Sequence[Challenge]:
    """Published challenges of the actor's bodies that take bids and whose key is not made."""
    return session.scalars(
        select(Challenge)
        .join(Call, Call.id == Challenge.call_id)
        .outerjoin(OpeningKey, OpeningKey.challenge_id == Challenge.id)
        .where(
            Call.issuer_id.in_(actor.organisations_as(*OFFICERS)),
            Challenge.state == ChallengeState.PUBLISHED,
            Challenge.closes_at > now,
            func.coalesce(OpeningKey.state, KeyState.WAITING.value) == KeyState.WAITING.value,
        )
        .order_by(Challenge.closes_at)
        .limit(50)
    ).all()


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Challenges that take bids and whose custodians have let their time pass."""
    late = func.greatest(KeyShare.named_at, Challenge.published_at) <= now - PROOF_TIME
    return session.scalars(
        select(Challenge.id)
        .join(OpeningKey, OpeningKey.challenge_id == Challenge.id)
        .join(KeyShare, KeyShare.key_id == OpeningKey.id)
        .where(
            OpeningKey.state == KeyState.WAITING,
            KeyShare.state != ShareState.PROVEN,
            Challenge.state == ChallengeState.PUBLISHED,
            Challenge.closes_at > now,
            late,
        )
        .distinct()
    ).all()
