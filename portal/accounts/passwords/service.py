"""Changing one's password: the old one is asked for, and everybody else who is signed in goes out."""

from datetime import datetime

from sqlalchemy import delete

from portal.accounts import queries, service
from portal.accounts.confirming import is_password_of
from portal.accounts.factor import trying
from portal.accounts.factor.models import PendingSignIn
from portal.accounts.models import Person
from portal.accounts.rules import check_password
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic, announce
from portal.core.words import N_


def change(actor: Actor, session_token: str, old: str, new: str, now: datetime) -> None:
    """Take a new password; all sessions but that of the token end, and the owner is told.

    Wrong tries are counted with those at the second factor: after many, none is taken for a while.
    Raises Invalid.
    """
    check_password(new, actor.email, "new")
    if old == new:
        raise Invalid("new", N_("This is the password that you have."))
    with transaction() as session:
        queries.lock_person(session, actor.user_id)
        person = session.get_one(Person, actor.user_id)
        trying.require_no_pause(session, person, "old", now)
        fits = is_password_of(session, person.id, old)
        if fits:
            person.password_hash = service.hasher.hash(new)
            service.end_others(session, person.id, session_token, now)
            session.execute(delete(PendingSignIn).where(PendingSignIn.person_id == person.id))
            audit.record(session, actor, Action.PASSWORD_CHANGED, f"person:{person.id}", now)
            facts = {"person_id": person.id, "at": now.isoformat()}
            announce(session, Topic.PASSWORD_CHANGED, **facts)
        else:
            trying.count_wrong(session, person, "password", now)
    if not fits:
        raise Invalid("old", N_("This is not your password."))
