"""What organisations and officers have to do about charges of a breach of trust."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import BIDDERS, Actor
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.integrity import queries
from portal.integrity.models import IntegrityRecord


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Charges to answer, and charges to decide."""
    items = []
    if actor.has(*BIDDERS):
        text = N_("Answer the charge of a breach of trust (%(about)s)")
        items += [_item(one, text) for one in queries.to_answer(session, actor, now)]
    if actor.is_officer:
        text = N_("Decide on the charge of a breach of trust (%(about)s)")
        items += [_item(one, text) for one in queries.to_decide(session, actor, now)]
    return items


def _item(record: IntegrityRecord, text: str) -> Todo:
    facts: dict[str, object] = {"about": record.about}
    values = {"record_id": record.id}
    return Todo(Message(text, facts), "integrity.shown", values, record.answer_by, "waiting")
