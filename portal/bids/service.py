"""Writing a bid as a team, handing it in, and taking it back."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.queries import is_noted
from portal.audit.rules import Action
from portal.bids import completeness, news, policy, queries, rules, versions
from portal.bids.counting import queries as counting
from portal.bids.models import Bid, BidVersion
from portal.bids.opening import fail_challenge, tell_team, tell_teams_of_opening
from portal.bids.rules import BID_MOVES, BidState
from portal.bids.teams import queries as team_queries
from portal.bids.teams import standings
from portal.bids.terms import BidTerms
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.keys import queries as keys
from portal.challenges.models import Challenge
from portal.challenges.rules import accepts_bids
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed
from portal.core.failpoints import reach
from portal.core.files import FileStore
from portal.core.outbox import Topic, announce
from portal.core.words import N_

__all__ = [
    "fail_challenge",
    "note_reading",
    "start",
    "submit",
    "tell_team",
    "tell_teams_of_opening",
    "withdraw",
]


ON_LAST_PAGE = N_("In a challenge with strict sealing a bid is handed in from its last page.")


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
        news.started(session, bid)
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
    require_open(session, bid, now)
    return bid


def require_open(session: Session, bid: Bid, now: datetime) -> None:
    """Once the bids are counted, none comes and none goes, whenever it was stamped.

    Raises DeadlinePassed, IllegalMove.
    """
    challenge = bid.challenge
    rules.require_in_time(challenge.closes_at, now)
    is_counted = counting.count_of(session, challenge) is not None
    if is_counted or not accepts_bids(challenge.state, challenge.closes_at, now):
        raise IllegalMove(N_("This challenge takes no bids now."))


def submit(
    actor: Actor, bid_id: UUID, stamp: datetime, store: FileStore, request_key: str = ""
) -> BidVersion:
    """Seal the bid as it was saved, and hand it in; `stamp` is the database's time after the body was in.

    The gate is passed before the sealing: an opening waits for who came in time, however large the bid.
    The sealed bytes are on the disc before the version. The same content again, or the same request
    (`request_key`), is the same submission. Raises NotAllowed, DeadlinePassed, IllegalMove, InvalidInput.
    """
    reach("stamp")
    with transaction() as session:
        gate.enter(session, queries.challenge_of(session, bid_id))
        reach("gate")
        bid = queries.lock(session, bid_id)
        policy.may_lead(actor, bid).enforce()
        known = _known(bid, request_key, stamp)
        if known is not None:
            return known
        require_open(session, bid, stamp)
        if bid.is_strict:
            raise IllegalMove(ON_LAST_PAGE)
        standings.hold(session, bid.challenge, queries.team_organisations(bid))
        require_complete(session, bid, bid.terms)
        if bid.state is BidState.SUBMITTED and versions.is_still_said(bid, bid.versions[-1]):
            return bid.versions[-1]
        BID_MOVES.after(bid.state, "submit")
        public_key = keys.public_key(session, bid.challenge_id)
        sealed = versions.seal(session, bid, public_key, store)
        reach("after_seal")
        return enter(session, actor, bid, sealed, stamp, request_key or None)


def enter(
    session: Session,
    actor: Actor,
    bid: Bid,
    sealed: versions.Sealed,
    stamp: datetime,
    request_key: str | None = None,
) -> BidVersion:
    """Take sealed bytes as the bid's next version, and log it; within the transaction of an act."""
    BID_MOVES.move(bid, "submit")
    version = versions.add_sealed(session, actor, bid, sealed, stamp, request_key)
    reach("bid_row")
    facts = versions.submission_of(version).payload()
    ref = bid.subject_ref
    version.entry_id = audit.record(session, actor, Action.BID_SUBMITTED, ref, stamp, **facts)
    announce(session, Topic.BID_SUBMITTED, version_id=version.id)
    return version


def _known(bid: Bid, request_key: str, stamp: datetime) -> BidVersion | None:
    """The version that this very request has handed in already: also after the deadline, or when it
    was taken back since. But a page that was sent, and sent again with another draft, hands in anew."""
    known = next(
        (one for one in bid.versions if request_key and one.request_key == request_key), None
    )
    closes_at = bid.challenge.closes_at
    is_late = closes_at is None or stamp >= closes_at
    return known if known and (is_late or versions.is_still_said(bid, known)) else None


def require_complete(session: Session, bid: Bid, terms: BidTerms) -> None:
    """Raise InvalidInput with all that is missing in these terms, the document and the team."""
    found = completeness.problems(
        queries.asked(bid.challenge), queries.team(bid), terms, bid.draft_file is not None
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
        facts = {"challenge": bid.challenge_id, "version": bid.versions[-1].number}
        audit.record(session, actor, Action.BID_WITHDRAWN, bid.subject_ref, stamp, **facts)
        news.withdrawn(session, bid, stamp)


def note_reading(
    actor: Actor, bid: Bid, what: str, now: datetime, again_after: timedelta = timedelta(0)
) -> None:
    """Leave an entry when somebody who is not of the team reads an opened bid; none where the last
    one of the same reader is not `again_after` old, for what is read in pieces."""
    if policy.is_team(actor, bid):
        return
    with transaction() as session:
        who = Action.BID_READ, bid.subject_ref, actor
        if again_after and is_noted(session, *who, since=now - again_after, what=what):
            return
        audit.record(session, actor, Action.BID_READ, bid.subject_ref, now, what=what)
