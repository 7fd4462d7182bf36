"""Gates that are to be decided."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects.races import queries
from portal.projects.races.models import RaceGate


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """The gates of the officer's own office."""
    if not actor.is_officer:
        return []
    return [_item(gate, now) for gate in queries.open_gates(session, actor)]


def _item(gate: RaceGate, now: datetime) -> Todo:
    text = N_("Decide the gate of the race for “%(title)s”")
    facts: dict[str, object] = {"title": both(gate.challenge)}
    tone = "late" if gate.due_at < now else "active"
    values = {"code": gate.challenge.code}
    return Todo(Message(text, facts), "races.shown", values, gate.due_at, tone)
