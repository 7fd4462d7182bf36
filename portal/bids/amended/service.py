"""Telling of amendments, and the word of a team that leaves its bid as it is."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids import queries as bid_queries
from portal.bids.amended import policy, queries
from portal.bids.amended.models import Acknowledgement
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.challenges import gate
from portal.challenges import queries as challenge_queries
from portal.challenges.amendments import queries as amendment_queries
from portal.challenges.amendments.models import Amendment
from portal.challenges.finding.queries import followers_of
from portal.challenges.questions.queries import askers_of
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify


def acknowledge(actor: Actor, bid_id: UUID, number: int, now: datetime) -> Bid:
    """Leave what is handed in as it is after an amendment; saying it twice is saying it once.

    Raises NotFound, NotAllowed, IllegalMove when there is a newer amendment.
    """
    with transaction() as session:
        gate.enter(session, bid_queries.challenge_of(session, bid_id))
        bid = bid_queries.lock(session, bid_id)
        policy.may_acknowledge(actor, bid, now).enforce()
        if number != bid.challenge.amended:
            raise IllegalMove(N_("The challenge was amended again: look at that first."))
        if queries.unanswered(session, bid) is None:
            return bid
        said = Acknowledgement(bid_id=bid.id, number=number, given_by=actor.user_id, given_at=now)
        session.add(said)
        ref = bid.subject_ref
        audit.record(session, actor, Action.AMENDMENT_ACKNOWLEDGED, ref, now, number=number)
    return bid


def tell_of_amendment(amendment_id: UUID, now: datetime) -> None:
    """Tell teams, whoever follows the challenge or has asked about it, and the officers; once."""
    with transaction() as session:
        amendment = amendment_queries.by_id(session, amendment_id)
        if amendment is None:
            return
        for bid in queries.begun(session, amendment.challenge_id):
            _tell_team(session, amendment, bid)
        _tell_others(session, amendment, _concerned(session, amendment))


def _concerned(session: Session, amendment: Amendment) -> Iterable[UUID]:
    officers = challenge_queries.managers(session, amendment.challenge)
    asked = askers_of(session, amendment.challenge_id)
    return {*officers, *followers_of(session, amendment.challenge_id), *asked}


def _facts(amendment: Amendment) -> dict[str, object]:
    closes_at = amendment.closes_at or amendment.closed_before
    day = closes_at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return {"title": both(amendment.challenge), "number": amendment.number, "day": day}


def _tell_team(session: Session, amendment: Amendment, bid: Bid) -> None:
    handed_in = bid.state is BidState.SUBMITTED
    text = (
        N_(
            "“%(title)s” was changed by amendment no. %(number)s after you had submitted: look at "
            "it, then submit again or confirm that your bid stays. Bids close on %(day)s."
        )
        if handed_in
        else N_(
            "“%(title)s”, on which you are writing a bid, was changed by amendment no. "
            "%(number)s. Bids close on %(day)s."
        )
    )
    people = bid_queries.team_people(session, bid)
    notify(session, people, _key(amendment), Message(text, _facts(amendment)), f"/bids/{bid.id}")


def _tell_others(session: Session, amendment: Amendment, people: Iterable[UUID]) -> None:
    text = N_("“%(title)s” was changed by amendment no. %(number)s. Bids close on %(day)s.")
    where = f"/challenges/{amendment.challenge.code}/amendments/{amendment.number}"
    notify(session, people, _key(amendment), Message(text, _facts(amendment)), where)


def _key(amendment: Amendment) -> str:
    """One for all, so that nobody is told twice who is on a team and follows as well."""
    return f"amendment:{amendment.id}"
