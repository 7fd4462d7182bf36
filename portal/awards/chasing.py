"""Reminders between the decision and the award: each is sent once, whoever runs it how often."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.awards import queries, rules
from portal.awards.models import Notice
from portal.awards.news import tell_managers
from portal.awards.objections import queries as objection_queries
from portal.awards.objections import rules as objection_rules
from portal.awards.objections.models import Objection
from portal.awards.objections.rules import ObjectionState
from portal.awards.rules import Next
from portal.core.db import transaction
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify

LATE = {
    Next.PUBLISH: N_("The notice on “%(title)s” is decided and still waits to be published."),
    Next.CONFIRM: N_("The time for objections on “%(title)s” is over; the award waits."),
    Next.WITHDRAW: N_("The notice on “%(title)s” cannot stand and waits to be withdrawn."),
}


def remind(now: datetime) -> None:
    """Remind of notices and objections that wait too long, or soon will."""
    with transaction() as session:
        notices = queries.waiting(session)
        disputed = queries.disputed_of(session, notices)
        for notice in notices:
            step = rules.next_step(notice.state, notice.window_ends_at, disputed[notice.id], now)
            _remind_of_notice(session, notice, step, now)
        for objection in objection_queries.waiting(session):
            _remind_of_objection(session, objection, now)


def _remind_of_notice(session: Session, notice: Notice, step: Next, now: datetime) -> None:
    due = rules.act_by(notice.state, notice.decided_at, notice.window_ends_at)
    if step in LATE and due is not None and now >= due:
        tell_managers(session, notice, f"late:{step.value}:{notice.revision}", LATE[step])


def _remind_of_objection(session: Session, objection: Objection, now: datetime) -> None:
    late = objection_rules.is_late(objection.state, objection.raised_at, objection.due_at, now)
    notice, key = objection.notice, f"objection:{objection.id}"
    if objection.state is ObjectionState.RECEIVED:
        subject = N_("An objection to the notice on “%(title)s” still waits to be looked at.")
        if late:
            tell_managers(session, notice, f"{key}:form-late", subject)
        return
    if objection.examiner_id is None or objection.due_at is None:
        return
    soon = now >= objection.due_at - objection_rules.SOON
    if not soon:
        return
    text = N_("An objection to the notice on “%(title)s” is to be answered: the date is near.")
    if late:
        text = N_("The answer to an objection to the notice on “%(title)s” is late.")
        tell_managers(session, notice, f"{key}:late", text)
    stage = "late" if late else "soon"
    news = Message(text, {"title": both(notice.challenge)})
    path = f"/objections/{objection.id}"
    notify(session, [objection.examiner_id], f"{key}:{stage}:{objection.due_at}", news, path)
