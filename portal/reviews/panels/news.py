"""What members and teams are told of a panel."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import queries as bids
from portal.challenges import queries as challenges
from portal.core.titles import both
from portal.core.words import Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEATED


def local(at: datetime) -> str:
    """A moment of Beijing in digits, for news."""
    return at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")


def _tell(
    session: Session,
    people: Iterable[UUID],
    panel: Panel,
    key: str,
    text: str,
    url: str,
    when: datetime,
) -> None:
    news = Message(text, {"title": both(panel.round.challenge), "when": local(when)})
    notify(session, people, f"panel:{panel.id}:{key}", news, url)


def tell_member(session: Session, seat: Seat, panel: Panel, key: str, text: str) -> None:
    """Tell one member; `text` may say the title and when it begins."""
    people, url = [seat.reviewer.person_id], f"/seats/{seat.id}"
    _tell(session, people, panel, f"{key}:{seat.id}", text, url, panel.begins_at)


def tell_members(session: Session, panel: Panel, key: str, text: str) -> None:
    """Tell all who have a seat."""
    for seat in panel.round.seats:
        if seat.state in SEATED:
            tell_member(session, seat, panel, key, text)


def tell_team(session: Session, turn: Turn, key: str, text: str) -> None:
    """Tell a team; `text` may say the title and when its turn is."""
    people, url = bids.team_people(session, turn.bid), f"/bids/{turn.bid_id}/panel"
    _tell(session, people, turn.panel, f"{key}:{turn.id}", text, url, turn.begins_at)


def tell_officers(session: Session, panel: Panel, key: str, text: str) -> None:
    """Tell the officers of the issuing body."""
    challenge = panel.round.challenge
    people, url = challenges.managers(session, challenge), f"/challenges/{challenge.code}/panel"
    _tell(session, people, panel, key, text, url, panel.begins_at)
