"""Who has to answer a request for a change."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.core.access import OFFICERS, Actor, Role
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.projects import policy as project_policy
from portal.projects.changes import policy, queries, rules
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ANSWER_DAYS, Voice


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Requests to consent to, to give an opinion on, or for which an expert is to be asked."""
    if not actor.has(*OFFICERS, Role.REVIEWER):
        return []
    found = [_item(actor, change, now) for change in queries.waiting(session, actor)]
    return [item for item in found if item is not None]


def _item(actor: Actor, change: Change, now: datetime) -> Todo | None:
    missing = rules.missing(change.kind, change.given)
    turns = missing[:1] if missing and missing[0] is Voice.EXPERT else missing
    text = N_("Answer the change of “%(title)s”")
    if not any(policy.may_answer(actor, change, voice) for voice in turns):
        manages = project_policy.may_manage(actor, change.project)
        if change.expert_id or Voice.EXPERT not in turns or not manages:
            return None
        text = N_("Ask an expert about the change of “%(title)s”")
    due = change.requested_at + timedelta(days=ANSWER_DAYS)
    facts: dict[str, object] = {"title": change.project.title}
    tone = "late" if due < now else "waiting"
    return Todo(Message(text, facts), "changes.shown", {"change_id": change.id}, due, tone)
