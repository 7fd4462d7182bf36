"""Counter-entries that wait for a second person."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects.funds import queries
from portal.projects.funds.models import Reversal


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """What others of the officer's own office propose to take back."""
    if not actor.is_officer:
        return []
    return [_item(one) for one in queries.reversals_to_confirm(session, actor)]


def _item(reversal: Reversal) -> Todo:
    project = reversal.payment.tranche.project
    text = N_("Confirm or drop the counter-entry of a payment of “%(title)s”")
    return Todo(Message(text, {"title": project.title}), "funds.money", {"code": project.code})
