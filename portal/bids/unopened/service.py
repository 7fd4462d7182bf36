"""Setting a bid aside that does not open, the team's objection, and what comes of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import policy as bid_policy
from portal.bids import queries as bid_queries
from portal.bids.losses import queries as losses
from portal.bids.models import Bid
from portal.bids.rules import BID_MOVES
from portal.bids.unopened import news, policy, queries, rules
from portal.bids.unopened.models import SetAside
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import InvalidInput, NotFound


def set_aside(actor: Actor, bid_id: UUID, reason: str, now: datetime) -> SetAside:
    """Keep out a bid that was tried and does not open; the team reads the reason and may object.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        was_tried = _was_tried(session, bid)
        returns = losses.takes_returns(session, bid.challenge_id, now)
        policy.may_set_aside(actor, bid, was_tried, returns).enforce()
        wrong = rules.reason_problems(reason)
        if wrong:
            raise InvalidInput(wrong)
        return keep_out(session, actor, bid, reason.strip(), now)


def _was_tried(session: Session, bid: Bid) -> bool:
    faulty = bool(bid.versions) and bid.versions[-1].fault is not None
    return faulty or queries.was_taken_up(session, bid.id)


def keep_out(session: Session, actor: Actor, bid: Bid, reason: str, now: datetime) -> SetAside:
    """Set a locked bid aside; for whoever has made sure that it may be: an officer, or the portal."""
    BID_MOVES.move(bid, "set_aside")
    made = SetAside(
        bid=bid,
        reason=reason,
        decided_by=None if actor is SYSTEM else actor.user_id,
        decided_at=now,
    )
    session.add(made)
    session.flush()
    facts = {"version": bid.versions[-1].number, "why": reason}
    audit.record(session, actor, Action.BID_SET_ASIDE, bid.subject_ref, now, **facts)
    news.set_aside(session, made)
    return made


def object_to(actor: Actor, bid_id: UUID, text: str, stamp: datetime) -> SetAside:
    """The team says why its bid must not be kept out, once. Raises NotAllowed, InvalidInput."""
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        bid_policy.may_lead(actor, bid).enforce()
        aside = queries.standing(session, bid_id)
        policy.may_object(actor, bid, aside, stamp).enforce()
        wrong = rules.reason_problems(text, "objection")
        if wrong:
            raise InvalidInput(wrong)
        if aside is None:
            raise NotFound
        aside.objection, aside.objected_by = text.strip(), actor.user_id
        aside.objected_at = stamp
        audit.record(session, actor, Action.SETTING_ASIDE_CONTESTED, bid.subject_ref, stamp)
        news.objected(session, bid, aside)
    return aside


def answer(actor: Actor, bid_id: UUID, upheld: bool, text: str, now: datetime) -> SetAside:
    """Another officer than who set the bid aside upholds the objection, or dismisses it for good.

    Upheld, the bid waits again: its opening is tried, or the team hands it in again. Raises
    NotAllowed, InvalidInput.
    """
    with transaction() as session:
        bid = bid_queries.lock(session, bid_id)
        aside = queries.standing(session, bid_id)
        policy.may_answer(actor, bid, aside).enforce()
        wrong = rules.reason_problems(text, "answer")
        if wrong:
            raise InvalidInput(wrong)
        if aside is None:
            raise NotFound
        aside.answered_by, aside.answered_at = actor.user_id, now
        aside.upheld, aside.answer = upheld, text.strip()
        if upheld:
            BID_MOVES.move(bid, "take_up")
        facts = {"upheld": "yes" if upheld else "no"}
        audit.record(session, actor, Action.SETTING_ASIDE_ANSWERED, bid.subject_ref, now, **facts)
        news.answered(session, aside)
    return aside
