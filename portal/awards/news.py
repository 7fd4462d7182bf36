"""Who is told of a decision, its notice, and what becomes of it."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.awards.models import Notice
from portal.bids import queries as bid_queries
from portal.bids.models import Bid
from portal.challenges import queries as challenge_queries
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.words import Message
from portal.notifications.service import notify


def tell(session: Session, people: Iterable[UUID], notice: Notice, news: str, subject: str) -> None:
    """Tell people, who are led to the notice; once for each `news`."""
    path = f"/notices/{notice.challenge.code}"
    _notify(session, people, notice, news, subject, path)


def tell_teams(
    session: Session, bids: Iterable[Bid], notice: Notice, news: str, subject: str
) -> None:
    """Tell everybody who acts for these bids."""
    people = [person for bid in bids for person in bid_queries.team_people(session, bid)]
    tell(session, people, notice, news, subject)


def tell_managers(
    session: Session, notice: Notice, news: str, subject: str, besides: Actor | None = None
) -> None:
    """Tell the officers of the issuing body, who are led to the decision."""
    people = set(challenge_queries.managers(session, notice.challenge))
    if besides is not None:
        people.discard(besides.user_id)
    path = f"/challenges/{notice.challenge.code}/decision"
    _notify(session, people, notice, f"{news}:office", subject, path)


def _notify(
    session: Session, people: Iterable[UUID], notice: Notice, news: str, subject: str, path: str
) -> None:
    message = Message(subject, {"title": both(notice.challenge)})
    notify(session, people, f"notice:{notice.id}:{news}", message, path)
