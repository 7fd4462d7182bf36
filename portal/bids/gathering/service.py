"""A gathering is begun, custodians come one after the other, and with the second the opening begins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.confirming import is_password_of
from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.ceremony import service as ceremony
from portal.bids.gathering import ending, news, policy, queries
from portal.bids.gathering.models import Gathering
from portal.bids.gathering.rules import GATHERING_MOVES, WINDOW
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.keys import meeting
from portal.challenges.keys import queries as key_queries
from portal.challenges.keys import service as keys
from portal.challenges.keys.models import KeyShare
from portal.challenges.keys.service import OLD_SHEET, WRONG_PASSWORD
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, NotFound
from portal.core.locking import Locked
from portal.core.sealing import custody
from portal.core.sealing.errors import WrongShare
from portal.core.sealing.wiping import wipe
from portal.core.words import N_

CHANGED = N_("What the first custodian left was changed. Break off, tell the auditor, begin again.")


def begin(actor: Actor, challenge_id: UUID, now: datetime) -> Gathering:
    """Ask the custodians to come, each from their own desk; one that runs already goes on.

    Raises NotAllowed, TooEarly, IllegalMove.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        ceremony.require_due(session, actor, challenge, now)
        known = queries.open_of(session, challenge_id)
        if known is not None and known.is_running(now):
            return known
        ending.end(session, challenge_id, "lapse")
        key = key_queries.key_of(session, challenge_id)
        if key is None or key.public_key is None:
            raise IllegalMove(key_queries.NOT_READY)
        made = Gathering(
            challenge=challenge, begun_by=actor.user_id, begun_at=now, ends_at=now + WINDOW
        )
        session.add(made)
        session.flush()
        audit.record(session, actor, Action.GATHERING_BEGUN, challenge.subject_ref, now)
        news.begun(session, made, key)
    return made


def come(actor: Actor, challenge_id: UUID, text: str, password: str, now: datetime) -> Gathering:
    """Bring one's share. The first one waits, sealed to the others; with the second the worker begins.

    Raises NotFound, NotAllowed; Invalid for what is mistyped or wrong, TooEarly, IllegalMove.
    """
    refusal: Invalid | None = None
    with transaction() as session:
        challenge_queries.lock(session, challenge_id)
        share = _share_of(session, actor, challenge_id)
        gathering = queries.open_of(session, challenge_id)
        policy.may_come(actor, gathering, share, now).enforce()
        if gathering is None:
            raise NotFound
        keys.require_no_pause(share, "share", now)
        if is_password_of(session, actor.user_id, password):
            secret = keys.typed(text)
            if custody.public_half(secret) == share.public_half:
                _take_in(session, actor, gathering, share, secret, now)
            else:
                wrong = Invalid("share", OLD_SHEET)
                refusal = keys.refused(session, actor, share, wrong, "opening", now)
            wipe(secret)
        else:
            wrong = Invalid("password", WRONG_PASSWORD)
            refusal = keys.refused(session, actor, share, wrong, "opening", now)
    if refusal:
        raise refusal
    return gathering


def _share_of(session: Session, actor: Actor, challenge_id: UUID) -> KeyShare:
    key = key_queries.lock(session, challenge_id)
    for share in key.shares if key else []:
        if share.person_id == actor.user_id:
            return share
    raise NotFound


def _take_in(
    session: Session,
    actor: Actor,
    gathering: Gathering,
    share: KeyShare,
    secret: bytearray,
    now: datetime,
) -> None:
    share.wrong = 0
    challenge, facts = gathering.challenge, {"body": share.body.value, "mark": share.mark}
    audit.record(session, actor, Action.SHARE_BROUGHT, challenge.subject_ref, now, **facts)
    if gathering.holder is None:
        GATHERING_MOVES.move(gathering, "come")
        gathering.left = meeting.leave(share.key, share.holder, secret)
        gathering.holder, gathering.came_at = share.holder, now
        return
    try:
        with meeting.met(
            share.key, gathering.holder, gathering.left, share.holder, secret
        ) as private:
            opener = actor_of(session.get_one(Person, gathering.begun_by))
            ceremony.require_due(session, opener, challenge, now)
            ceremony.begin(session, opener, challenge, private, now)
    except (WrongShare, Locked):  # the second share is right, so it is what the first one left
        raise IllegalMove(CHANGED) from None


def cancel(actor: Actor, challenge_id: UUID, now: datetime) -> None:
    """Break a gathering off: the share that waits is forgotten. Raises NotAllowed, IllegalMove."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        challenge_policy.may_manage(actor, challenge).enforce()
        if ending.end(session, challenge_id, "cancel") is None:
            raise IllegalMove(N_("There is no opening to break off."))
        ref = challenge.subject_ref
        audit.record(session, actor, Action.GATHERING_ENDED, ref, now, why="cancel")


def close_lapsed(challenge_id: UUID, now: datetime) -> None:
    """End a gathering whose time is over; a second run does nothing."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        found = queries.open_of(session, challenge_id)
        if found is None or found.is_running(now):
            return
        ending.end(session, challenge_id, "lapse")
        ref = challenge.subject_ref
        audit.record(session, SYSTEM, Action.GATHERING_ENDED, ref, now, why="lapse")
        news.lapsed(session, found)
