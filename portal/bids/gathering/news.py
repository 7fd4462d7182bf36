"""Who is told of a gathering, in the transaction of what happened."""

from sqlalchemy.orm import Session

from portal.bids.gathering.models import Gathering
from portal.challenges.keys.models import OpeningKey
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.core.workdays import PLACE
from portal.notifications.service import notify


def begun(session: Session, gathering: Gathering, key: OpeningKey) -> None:
    """The custodians are asked to come with their sheets."""
    text = N_("The bids on “%(title)s” are to be opened: enter your share before %(until)s.")
    until = gathering.ends_at.astimezone(PLACE).strftime("%H:%M")
    challenge = gathering.challenge
    facts: dict[str, object] = {"title": both(challenge), "until": until}
    people = [share.person_id for share in key.shares]
    where = f"/challenges/{challenge.code}/opening/share"
    notify(session, people, f"gathering:{gathering.id}", Message(text, facts), where)


def lapsed(session: Session, gathering: Gathering) -> None:
    """The officer who began it learns that two shares did not come in time."""
    text = N_("Two shares did not come in time to open the bids on “%(title)s”. Begin again.")
    challenge = gathering.challenge
    news = Message(text, {"title": both(challenge)})
    where = f"/challenges/{challenge.code}/opening"
    notify(session, [gathering.begun_by], f"gathering:{gathering.id}:over", news, where)
