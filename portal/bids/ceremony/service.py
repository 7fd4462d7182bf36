"""Beginning the opening: the gate is closed, the bids are counted, a worker gets the key."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids import rules as bid_rules
from portal.bids.ceremony import queries, tries
from portal.bids.ceremony.models import Opening
from portal.bids.counting import queries as counting
from portal.bids.gathering import ending
from portal.challenges import gate
from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenge_queries
from portal.challenges.keys import presence
from portal.challenges.keys import service as keys
from portal.challenges.models import Challenge
from portal.challenges.rules import CHALLENGE_MOVES, ChallengeState
from portal.challenges.stages import advance
from portal.core import jobs
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, TooEarly
from portal.core.jobs import Job, Wish
from portal.core.sealing.errors import SealingError
from portal.core.titles import both
from portal.core.words import N_, Message

KIND = "bids.opening"
NOT_PUBLISHED = N_(
    "The number of bids is entered in the log first, where everybody sees it. Please try again in a "
    "moment."
)
KEY_LASTS = timedelta(hours=1)
"""A worker that was lost has another within minutes; after this the shares are needed again."""


def open_with(
    actor: Actor,
    challenge_id: UUID,
    shares: Mapping[int, str],
    passwords: Mapping[int, str],
    now: datetime,
) -> Job:
    """Begin to open the bids with two shares, or go on with those that did not open.

    The custodians sit at the officer's screen; the password of each says that it is they. How many
    bids there are has to be published before (counting/publishing). Raises NotAllowed, TooEarly,
    IllegalMove; Invalid for a wrong password and for shares that do not open.
    """
    refusal: Invalid | None = None
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        require_due(session, actor, challenge, now)
        tries.require_no_pause(session, challenge_id, shares, now)
        typed = tries.typed(shares)
        given = {holder: passwords.get(holder, "") for holder in typed}
        away = presence.absent(session, challenge_id, given)
        if away:
            refusal = tries.refused(session, actor, challenge, away, tries.not_present(away), now)
        else:
            try:
                with keys.opened(session, challenge_id, typed) as private:
                    tries.accepted(session, actor, challenge, typed, now)
                    return begin(session, actor, challenge, private, now)
            except SealingError as error:
                why = tries.not_opening(typed, error)
                refusal = tries.refused(session, actor, challenge, typed, why, now)
    raise refusal


def require_due(session: Session, actor: Actor, challenge: Challenge, now: datetime) -> None:
    """Whether this officer may open now: in time, counted in public, and there is a bid to open.

    Raises NotAllowed, TooEarly, IllegalMove.
    """
    challenge_policy.may_manage(actor, challenge).enforce()
    bid_rules.require_openable(challenge.closes_at, now)
    if challenge.state is not ChallengeState.OPENED or not queries.is_unfinished(
        session, challenge.id
    ):
        CHALLENGE_MOVES.after(challenge.state, "open")
        counted = len(queries.sealed_bids(session, challenge.id))
        bid_rules.require_enough(counted, challenge.rules.bids_min)
    if not counting.is_published(session, challenge):
        raise TooEarly(NOT_PUBLISHED)


def begin(
    session: Session,
    actor: Actor,
    challenge: Challenge,
    private: X25519PrivateKey,
    now: datetime,
) -> Job:
    """The gate is closed, the count stands in the log, the worker gets the key."""
    gate.close(session, challenge.id)
    if challenge.state is ChallengeState.PUBLISHED:
        close_bidding(session, actor, challenge, now)
    ending.end(session, challenge.id, "meet")
    opening = queries.opening_of(session, challenge.id) or Opening(challenge_id=challenge.id)
    opening.begun_by, opening.begun_at, opening.finished_at = actor.user_id, now, None
    opening.key = private.private_bytes_raw().hex()
    session.add(opening)
    return jobs.ask(session, actor, _wish(challenge))


def close_bidding(session: Session, actor: Actor, challenge: Challenge, now: datetime) -> None:
    """From here on nobody hands in; how many there are, and which, stands in the log."""
    bids = bid_queries.lock_submitted(session, challenge.id)
    bid_rules.require_enough(len(bids), challenge.rules.bids_min)
    advance(challenge, "open", now)
    challenge.opened_at = now
    prints = " ".join(sorted(bid.versions[-1].commit for bid in bids))
    facts = {"count": len(bids), "fingerprints": prints}
    audit.record(session, actor, Action.BIDS_OPENED, challenge.subject_ref, now, **facts)


def _wish(challenge: Challenge) -> Wish:
    title = N_("Opening the bids on “%(title)s”")
    return Wish(
        kind=KIND,
        subject=challenge.subject_ref,
        title=Message(title, {"title": both(challenge)}),
        organisation_id=challenge.call.issuer_id,
        back=f"/challenges/{challenge.code}/opening",
        parameters={"challenge_id": str(challenge.id), "code": challenge.code},
        urgent=True,  # the custodians wait for it
    )


def forget_keys(now: datetime) -> int:
    """Forget the keys of openings that were broken off; returns how many there were."""
    with transaction() as session:
        late = queries.keys_to_forget(session, now - KEY_LASTS)
        for opening_id in late:
            session.get_one(Opening, opening_id).key = None
    return len(late)
