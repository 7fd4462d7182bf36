"""The opening key: custodians are named, take a share each, prove it; with the third proof it is made.

No share is ever stored, and no private key: the custodian's page shows a share in the moment in which
it is made, and the key's private half exists only while it is made, and while bids are opened.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.orm import Session

from portal.accounts.confirming import is_password_of
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenge_queries
from portal.challenges.keys import news, policy, queries, rules
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import HOLDERS, KEY_MOVES, SHARE_MOVES, Candidate
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import DomainError, IllegalMove, Invalid, InvalidInput
from portal.core.sealing import custody, shares
from portal.core.sealing import opening_key as sealing
from portal.core.sealing.envelope import Randomness
from portal.core.sealing.errors import Mistyped, SameShare, WrongShare
from portal.core.sealing.wiping import wipe
from portal.core.words import N_

WRONG_PASSWORD = N_("The password is not right.")
UNNAMED = N_("The three custodians of its opening key are not chosen yet.")
OLD_SHEET = N_(
    "This is a share, but not the one printed last: look at the mark on the sheet, or print anew."
)


def name(
    actor: Actor, challenge_id: UUID, people: Mapping[int, UUID | None], now: datetime
) -> OpeningKey:
    """Choose the custodians, by holder; whoever stays keeps the share taken before.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        key = queries.lock(session, challenge_id)
        policy.may_name(actor, challenge, key, now).enforce()
        chosen = _chosen(session, challenge, people)
        key = key or OpeningKey(challenge=challenge, shares=[])
        session.add(key)
        changed = _hand_on(session, key, chosen, now)
        if changed:
            facts = {HOLDERS[holder].value: chosen[holder].person_id for holder in changed}
            ref = challenge.subject_ref
            audit.record(session, actor, Action.CUSTODIANS_NAMED, ref, now, **facts)
        if changed and challenge.published_at:
            news.ask(session, key)
    return key


def _chosen(
    session: Session, challenge: Challenge, people: Mapping[int, UUID | None]
) -> dict[int, Candidate]:
    known = queries.candidates(session, challenge)
    found = {
        holder: next((one for one in known[body] if one.person_id == people.get(holder)), None)
        for holder, body in HOLDERS.items()
    }
    problems = rules.naming_problems(found)
    if problems:
        raise InvalidInput(problems)
    return {holder: one for holder, one in found.items() if one is not None}


def _hand_on(
    session: Session, key: OpeningKey, chosen: Mapping[int, Candidate], now: datetime
) -> list[int]:
    """Give shares to those chosen now; returns which holders are others than before."""
    held = key.by_holder
    changed = [
        holder
        for holder, one in chosen.items()
        if holder not in held
        or (held[holder].person_id, held[holder].organisation_id)
        != (one.person_id, one.organisation_id)
    ]
    for holder in changed:
        if holder in held:
            key.shares.remove(held[holder])
    session.flush()
    for holder in changed:
        one = chosen[holder]
        key.shares.append(
            KeyShare(
                holder=holder,
                person_id=one.person_id,
                organisation_id=one.organisation_id,
                named_at=now,
            )
        )
    session.flush()
    return changed


def require_named(session: Session, challenge: Challenge) -> None:
    """Refuse to publish a challenge whose custodians are not chosen. Raises InvalidInput."""
    if not queries.are_named(session, challenge.id):
        raise InvalidInput([Invalid("custodians", UNNAMED)])


def ask_custodians(session: Session, challenge: Challenge) -> None:
    """Tell the custodians of a challenge that is published now what they have to do."""
    key = queries.key_of(session, challenge.id)
    if key is not None:
        news.ask(session, key)


def take(
    actor: Actor,
    share_id: UUID,
    password: str,
    now: datetime,
    randomness: Randomness = os.urandom,
) -> tuple[str, KeyShare]:
    """Make a share for its custodian: the printed form, shown now and never again.

    What was printed before is worth nothing from then on. Only a demonstration knows its shares
    beforehand, by another `randomness`. Raises NotFound, NotAllowed, Invalid.
    """
    refusal: DomainError | None = None
    text = ""
    with transaction() as session:
        share = queries.lock_share(session, share_id)
        policy.may_take(actor, share, now).enforce()
        require_no_pause(share, "password", now)
        if is_password_of(session, actor.user_id, password):
            secret = custody.new_share(randomness)
            share.public_half, text = custody.public_half(secret), shares.printed(secret)
            wipe(secret)
            SHARE_MOVES.move(share, "take")
            share.taken_at, share.proven_at, share.wrong = now, None, 0
            _record(session, actor, Action.SHARE_TAKEN, share, now)
        else:
            refusal = refused(
                session, actor, share, Invalid("password", WRONG_PASSWORD), "password", now
            )
    if refusal:
        raise refusal
    return text, share


def prove(actor: Actor, share_id: UUID, text: str, now: datetime) -> KeyShare:
    """Show that the printed share is right; with the third proof the key is made.

    Raises NotFound, NotAllowed, Invalid: which groups are mistyped, if the share is not whole.
    """
    refusal: DomainError | None = None
    with transaction() as session:
        share = queries.lock_share(session, share_id)
        policy.may_prove(actor, share, now).enforce()
        require_no_pause(share, "share", now)
        secret = typed(text)
        if custody.public_half(secret) == share.public_half:
            SHARE_MOVES.move(share, "prove")
            share.proven_at, share.wrong = now, 0
            _record(session, actor, Action.SHARE_PROVEN, share, now)
            if rules.is_complete([one.state for one in share.key.shares]):
                _make(session, actor, share.key, now)
        else:
            refusal = refused(session, actor, share, Invalid("share", OLD_SHEET), "share", now)
        wipe(secret)
    if refusal:
        raise refusal
    return share


def typed(text: str) -> bytearray:
    """The share that was typed into a form. Raises Invalid: which groups are mistyped."""
    try:
        return shares.typed(text)
    except Mistyped as error:
        raise rules.mistyped(error.groups, "share") from None


def _make(session: Session, actor: Actor, key: OpeningKey, now: datetime) -> None:
    """Make the pair; what each custodian has of it is sealed to their share, the rest forgotten."""
    challenge = str(key.challenge_id)
    made, parts = sealing.new_opening_key(challenge)
    for holder, share in key.by_holder.items():
        if share.public_half is None:
            raise ValueError("a share was proven and has no public half")
        share.kept = custody.kept_for(share.public_half, parts[holder], challenge, holder)
    for part in parts.values():
        wipe(part)
    KEY_MOVES.move(key, "make")
    key.keep(made, now)
    ref, facts = key.challenge.subject_ref, {"sha256": made.sha256}
    audit.record(session, actor, Action.OPENING_KEY_MADE, ref, now, **facts)
    news.ready(session, key)


def _record(session: Session, actor: Actor, what: Action, share: KeyShare, now: datetime) -> None:
    facts = {"body": share.body.value, "mark": share.mark}
    audit.record(session, actor, what, share.key.challenge.subject_ref, now, **facts)


def require_no_pause(share: KeyShare, field: str, now: datetime) -> None:
    """After many wrong tries a share takes none for a while. Raises Invalid."""
    until = rules.paused_until(share.wrong, share.wrong_at, now)
    if until is not None:
        minutes = -(-(until - now).seconds // 60)
        text = N_("Too many wrong tries. This share takes no more for %(minutes)s minutes.")
        raise Invalid(field, text, minutes=minutes)


def refused(
    session: Session, actor: Actor, share: KeyShare, why: Invalid, what: str, now: datetime
) -> Invalid:
    """Count and log a wrong try; the transaction keeps it, and what is returned is raised after."""
    share.wrong = rules.wrong_after(share.wrong, share.wrong_at, now)
    share.wrong_at = now
    facts = {"body": share.body.value, "what": what, "in_a_row": share.wrong}
    ref = share.key.challenge.subject_ref
    audit.record(session, actor, Action.SHARE_REFUSED, ref, now, **facts)
    return why


def tell_late_custodians(challenge_id: UUID, now: datetime) -> None:
    """Remind late custodians, and tell the officers; each once for a sheet that is due."""
    with transaction() as session:
        key = queries.lock(session, challenge_id)
        if key is not None and KEY_MOVES.allows(key.state, "make"):
            news.remind(session, key, now)


@contextmanager
def opened(
    session: Session, challenge_id: UUID, by_holder: Mapping[int, custody.Share]
) -> Iterator[X25519PrivateKey]:
    """The private key of a challenge, from two printed shares (32 bytes each), for a block.

    No transaction, no log, no question of time: that is the opening's. Raises IllegalMove when
    the key is not made; TooFewShares, SameShare, WrongShare.
    """
    key = queries.key_of(session, challenge_id)
    if key is None or key.public_key is None:
        raise IllegalMove(queries.NOT_READY)
    with opened_by_parts(key, _parts(key, by_holder)) as private:
        yield private


@contextmanager
def opened_by_parts(key: OpeningKey, parts: Mapping[int, bytearray]) -> Iterator[X25519PrivateKey]:
    """The private key from what the shares of two custodians gave; the parts are wiped.

    Raises TooFewShares, SameShare, WrongShare.
    """
    made = key.made
    try:
        with sealing.opened(made, parts) as private:
            sealing.try_key(made, private)
            yield private
    finally:
        for part in parts.values():
            wipe(part)


def _parts(key: OpeningKey, by_holder: Mapping[int, custody.Share]) -> dict[int, bytearray]:
    if len({bytes(share) for share in by_holder.values()}) < len(by_holder):
        raise SameShare
    parts = {}
    for holder, secret in by_holder.items():
        share = key.by_holder.get(holder)
        if share is None or share.kept is None:
            raise WrongShare
        parts[holder] = custody.part_of(share.kept, secret, str(key.challenge_id), holder)
    return parts
