"""What officers have to do about amendments."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.challenges.amendments import policy, queries
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.rules import AmendmentState
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Amendments to finish, and those that wait for a second officer."""
    if not actor.is_officer:
        return []
    rows = queries.in_the_making(session, actor)
    return [_item(row) for row in rows if policy.concerns(actor, row)]


def _item(amendment: Amendment) -> Todo:
    text = (
        N_("Decide on the amendment of “%(title)s”")
        if amendment.state is AmendmentState.PROPOSED
        else N_("Finish the amendment of “%(title)s”")
    )
    return Todo(
        Message(text, {"title": both(amendment.challenge)}),
        "amendments.desk",
        {"amendment_id": amendment.id},
        due=amendment.challenge.closes_at,
        tone="waiting",
    )
