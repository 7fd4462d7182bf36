"""Writing a bid as a team, handing it in, and taking it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import completeness, news, policy, queries, rules, versions
from portal.bids.models import Bid, BidVersion
from portal.bids.opening import (
    fail_challenge,
    open_bids,
    tell_team,
    tell_teams_of_opening,
)
from portal.bids.rules import BID_MOVES, BidState
from portal.bids.teams import queries as team_queries
from portal.bids.teams import standings
from portal.bids.terms import BidTerms
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.keys.queries import public_key
from portal.challenges.models import Challenge
from portal.challenges.rules import accepts_bids
from portal.core.access import Actor, Role
from portal.core.crypto import canonical, sha256
from portal.core.db import transaction
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed
from portal.core.outbox import Topic, announce
from portal.core.words import N_

__all__ = [
    "fail_challenge",
    "note_reading",
    "open_bids",
    "start",
    "submit",
    "tell_team",
    "tell_teams_of_opening",
    "withdraw",
]


def start(actor: Actor, challenge_id: UUID, now: datetime) -> Bid:
    """Begin a bid, or find the one that the organisation has. Raises NotAllowed."""
    with transaction() as session:
        challenge = challenge_queries.lock(session, challenge_id)
        policy.may_start(actor, challenge, now).enforce()
        lead_id = _home(session, actor, challenge)
        standings.hold(session, challenge, [lead_id])
        known = queries.by_lead(session, challenge_id, lead_id)
        if known is not None:
            return known
        for reason in standings.lead_obstacles(session, challenge, lead_id):
            raise IllegalMove(reason.own.text, **reason.own.parameters)
        bid = Bid(challenge_id=challenge_id, lead_id=lead_id, started_by=actor.user_id)
        bid.terms = BidTerms()
        bid.started_at = bid.changed_at = now
        session.add(bid)
        session.flush()
        audit.record(session, actor, Action.BID_STARTED, bid.subject_ref, now, lead=lead_id)
        news.started(session, bid, challenge.title)
    return bid


def _home(session: Session, actor: Actor, challenge: Challenge) -> UUID:
    """The organisation for which the person bids: of a kind that may lead."""
    for membership in actor.memberships:
        own = membership.organisation_id
        if membership.role is not Role.BIDDER_LEAD or own == challenge.call.issuer_id:
            continue
        home = account_queries.organisation(session, own)
        if home is not None and home.kind in challenge.rules.lead_kinds:
            return home.id
    raise NotAllowed(N_("The rules of this call do not let an organisation of your kind lead."))


def _lock_to_change(session: Session, actor: Actor, bid_id: UUID, now: datetime) -> Bid:
    """The bid of the actor's team while the challenge is open; passes the challenge's gate."""
    gate.enter(session, queries.challenge_of(session, bid_id))
    bid = queries.lock(session, bid_id)
    policy.may_lead(actor, bid).enforce()
    rules.require_in_time(bid.challenge.closes_at, now)
    if not accepts_bids(bid.challenge.state, bid.challenge.closes_at, now):
        raise IllegalMove(N_("This challenge takes no bids now."))
    return bid


def submit(actor: Actor, bid_id: UUID, stamp: datetime) -> BidVersion:
    """Hand the bid in as it was saved; `stamp` is the database's time after the body was in.

    Handing in the same content again is the same submission. Raises NotAllowed, DeadlinePassed,
    InvalidInput.
    """
    with transaction() as session:
        bid = _lock_to_change(session, actor, bid_id, stamp)
        standings.hold(session, bid.challenge, queries.team_organisations(bid))
        _require_complete(session, bid)
        public_key(session, bid.challenge_id)
        manifest = versions.manifest_of(bid)
        digest = sha256(canonical(manifest))
        if bid.state is BidState.SUBMITTED and bid.versions[-1].manifest_sha256 == digest:
            return bid.versions[-1]
        BID_MOVES.move(bid, "submit")
        version = versions.add(session, actor, bid, manifest, digest, stamp)
        facts = {"version": version.number, "manifest_sha256": digest}
        audit.record(session, actor, Action.BID_SUBMITTED, bid.subject_ref, stamp, **facts)
        announce(session, Topic.BID_SUBMITTED, version_id=version.id)
    return version


def _require_complete(session: Session, bid: Bid) -> None:
    found = completeness.problems(
        queries.asked(bid.challenge), queries.team(bid), bid.terms, bid.draft_file is not None
    )
    found += team_queries.consent_problems(bid)
    found += standings.submission_problems(session, bid)
    if found:
        raise InvalidInput(found)


def withdraw(actor: Actor, bid_id: UUID, stamp: datetime) -> None:
    """Take a submitted bid back; it can be handed in again. Raises NotAllowed, DeadlinePassed."""
    with transaction() as session:
        bid = _lock_to_change(session, actor, bid_id, stamp)
        BID_MOVES.move(bid, "withdraw")
        audit.record(session, actor, Action.BID_WITHDRAWN, bid.subject_ref, stamp)
        news.withdrawn(session, bid, stamp)


def note_reading(actor: Actor, bid: Bid, what: str, now: datetime) -> None:
    """Leave an entry when somebody who is not of the team reads an opened bid."""
    if policy.is_team(actor, bid):
        return
    with transaction() as session:
        audit.record(session, actor, Action.BID_READ, bid.subject_ref, now, what=what)
