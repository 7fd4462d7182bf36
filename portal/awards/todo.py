"""What there is to do between the ranking and the award."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.awards import queries, rules
from portal.awards.models import Notice
from portal.awards.objections import queries as objection_queries
from portal.awards.objections import rules as objection_rules
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import ObjectionState
from portal.awards.rules import Next
from portal.core.access import Actor
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message

WORDS = {
    Next.PUBLISH: N_("Publish the notice on “%(title)s”"),
    Next.WITHDRAW: N_("Withdraw the notice on “%(title)s” and decide again"),
    Next.CONFIRM: N_("Confirm the award of “%(title)s”"),
}
LOOK = N_("Look at an objection to the notice on “%(title)s”")
EXAMINE = N_("Examine an objection to the notice on “%(title)s”")


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Decisions, notices, objections to look at and to examine, awards to confirm."""
    if not actor.is_officer:
        return []
    decide = N_("Decide on the ranking of “%(title)s”")
    items = [
        Todo(
            Message(decide, {"title": both(challenge)}),
            "awards.decision",
            {"code": challenge.code},
        )
        for challenge in queries.undecided(session, actor)
    ]
    notices = queries.under_way(session, actor)
    disputed = queries.disputed_of(session, notices)
    for notice in notices:
        step = rules.next_step(notice.state, notice.window_ends_at, disputed[notice.id], now)
        items += _notice(notice, step, now)
    looking = objection_queries.to_look_at(session, actor)
    items += [_objection(one, LOOK, now) for one in looking if _is_received(one)]
    return items + [
        _objection(one, EXAMINE, now) for one in objection_queries.to_examine(session, actor)
    ]


def _notice(notice: Notice, step: Next, now: datetime) -> list[Todo]:
    if step not in WORDS:
        return []
    due = rules.act_by(notice.state, notice.decided_at, notice.window_ends_at)
    late = step is Next.WITHDRAW or (due is not None and now >= due)
    text = Message(WORDS[step], {"title": both(notice.challenge)})
    code, tone = {"code": notice.challenge.code}, "late" if late else "active"
    return [Todo(text, "awards.decision", code, due=due, tone=tone)]


def _is_received(objection: Objection) -> bool:
    return objection.state is ObjectionState.RECEIVED


def _objection(objection: Objection, words: str, now: datetime) -> Todo:
    looked = _is_received(objection)
    due = objection_rules.form_due_at(objection.raised_at) if looked else objection.due_at
    late = objection_rules.is_late(objection.state, objection.raised_at, objection.due_at, now)
    return Todo(
        Message(words, {"title": both(objection.notice.challenge)}),
        "objections.shown",
        {"objection_id": objection.id},
        due=due,
        tone="late" if late else "active",
    )
