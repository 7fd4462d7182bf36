"""Who is told of a bid that is set aside, in the transaction of what happened."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.bids.unopened import rules
from portal.bids.unopened.models import SetAside
from portal.challenges import queries as challenge_queries
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify


def _tell(
    session: Session, people: Iterable[UUID], aside: SetAside, what: str, text: str, **more: object
) -> None:
    bid = aside.bid
    facts = {"title": both(bid.challenge), "lead": bid.lead.name, **more}
    key = f"aside:{aside.id}:{what}"
    notify(session, people, key, Message(text, facts), f"/bids/{bid.id}/unopened")


def set_aside(session: Session, aside: SetAside) -> None:
    """The team learns that its bid is kept out, and until when it may object."""
    text = N_(
        "Your bid on “%(title)s” did not open and is set aside; you may object until %(until)s."
    )
    ends = rules.objection_until(aside.decided_at).astimezone(PLACE)
    people = bid_queries.team_people(session, aside.bid)
    _tell(session, people, aside, "team", text, until=ends.strftime("%Y-%m-%d %H:%M"))


def objected(session: Session, bid: Bid, aside: SetAside) -> None:
    """The officers learn that the team objects."""
    text = N_("%(lead)s objects: its bid on “%(title)s” was set aside.")
    people = challenge_queries.managers(session, bid.challenge)
    _tell(session, people, aside, "objected", text)


def answered(session: Session, aside: SetAside) -> None:
    """The team learns what came of its objection."""
    text = (
        N_("Your objection is upheld: your bid on “%(title)s” may be handed in again.")
        if aside.upheld
        else N_("Your objection on “%(title)s” is dismissed; the reason is on the bid's page.")
    )
    people = bid_queries.team_people(session, aside.bid)
    _tell(session, people, aside, "answered", text)
