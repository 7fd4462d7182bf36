"""What a team and the officers are told of the formal check, in the transaction of what happened."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import queries as bid_queries
from portal.bids.checks.models import Correction
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.challenges import queries as challenge_queries
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify


def _tell(
    session: Session, people: Iterable[UUID], bid: Bid, key: str, text: str, **more: object
) -> None:
    facts = {"title": both(bid.challenge), **more}
    path = f"/bids/{bid.id}/formal-check"
    notify(session, people, f"bid:{bid.id}:{key}", Message(text, facts), path)


def _officers(session: Session, bid: Bid, key: str, text: str) -> None:
    facts: dict[str, object] = {"title": both(bid.challenge), "lead": bid.lead.name}
    people = challenge_queries.managers(session, bid.challenge)
    notify(session, people, f"bid:{bid.id}:{key}", Message(text, facts), f"/bids/{bid.id}/check")


def correction_asked(session: Session, bid: Bid, correction: Correction) -> None:
    """The team learns what to correct, and until when."""
    text = N_("A correction of your bid on “%(title)s” is asked for until %(until)s.")
    until = correction.due_at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    people = bid_queries.team_people(session, bid)
    _tell(session, people, bid, "correction", text, until=until)


def correction_handed_in(session: Session, bid: Bid) -> None:
    """The officers learn that the check can go on."""
    _officers(session, bid, "corrected", N_("%(lead)s has corrected its bid on “%(title)s”."))


def correction_lapsed(session: Session, bid: Bid) -> None:
    """The team and the officers learn that the time is over."""
    text = N_("The time to correct your bid on “%(title)s” is over; it is checked as it was.")
    _tell(session, bid_queries.team_people(session, bid), bid, "lapsed", text)
    late = N_("%(lead)s has not corrected its bid on “%(title)s” in time.")
    _officers(session, bid, "lapsed:officers", late)


def contested(session: Session, bid: Bid) -> None:
    """The officers learn that a refusal is contested."""
    text = N_("%(lead)s contests the refusal of its bid on “%(title)s”.")
    _officers(session, bid, "contested", text)


def reply_decided(session: Session, bid: Bid, upheld: bool) -> None:
    """The team learns what came of its reply."""
    text = (
        N_("Your reply is upheld: your bid on “%(title)s” has passed the formal check.")
        if upheld
        else N_("Your reply on “%(title)s” is dismissed; the reason is on the bid's page.")
    )
    _tell(session, bid_queries.team_people(session, bid), bid, "reply", text)


def checked(session: Session, bid: Bid) -> None:
    """The team learns the outcome of the formal check."""
    if bid.check is None or bid.check.decided_at is None:
        return
    passed = bid.state is not BidState.REJECTED
    text = (
        N_("Your bid on “%(title)s” has passed the formal check.")
        if passed
        else N_(
            "Your bid on “%(title)s” did not pass the formal check; reasons and how to reply are "
            "on its page."
        )
    )
    _tell(session, bid_queries.team_people(session, bid), bid, "checked", text)
