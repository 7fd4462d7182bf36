"""Writing mails, in the transaction of what happened; a chore sends them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, literal, or_, select, type_coerce
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import lock_person
from portal.core.access import Actor
from portal.core.words import Message
from portal.notifications.mails import queries, rules
from portal.notifications.mails.models import Mail

LANGUAGE = func.coalesce(Person.mail_locale, Person.locale)


def to_people(
    session: Session,
    people: Iterable[UUID],
    key: str,
    subject: Message,
    url: str,
    hint: str = "",
    to_all: bool = False,
) -> None:
    """Write the news of their inbox to those who want mail, or to all, each in their language."""
    columns = ["id", "address", "key", "person_id", "locale", "subject", "hint"]
    columns += ["parameters", "url"]
    wanted = select(
        func.gen_random_uuid(),
        Person.email,
        literal(key),
        Person.id,
        LANGUAGE,
        literal(subject.text),
        literal(hint),
        type_coerce(subject.kept(), JSONB),
        literal(url),
    ).where(Person.id.in_(list(people)), Person.active, or_(Person.wants_mail, literal(to_all)))
    query = postgresql.insert(Mail).from_select(columns, wanted, include_defaults=False)
    session.execute(query.on_conflict_do_nothing(index_elements=["address", "key"]))


def to_newcomers(
    session: Session,
    people: Iterable[UUID],
    key: str,
    subject: Message,
    url: str,
    purpose: str,
    hint: str,
) -> None:
    """Write to the owners of accounts that wait for them; `url` gets a token for the person."""
    columns = ["id", "address", "key", "locale", "subject", "hint"]
    columns += ["parameters", "url", "token_for", "token_purpose"]
    wanted = select(
        func.gen_random_uuid(),
        Person.email,
        literal(key),
        LANGUAGE,
        literal(subject.text),
        literal(hint),
        type_coerce(subject.kept(), JSONB),
        literal(url),
        Person.id,
        literal(purpose),
    ).where(Person.id.in_(list(people)), Person.active)
    query = postgresql.insert(Mail).from_select(columns, wanted, include_defaults=False)
    session.execute(query.on_conflict_do_nothing(index_elements=["address", "key"]))


@dataclass(frozen=True)
class Invitation:
    """What somebody without an account is sent; `url` gets a token for `token_for`."""

    address: str
    key: str
    subject: Message
    hint: str
    url: str
    token_for: UUID
    token_purpose: str


def to_stranger(session: Session, actor: Actor, invitation: Invitation) -> bool:
    """Write to somebody without an account, in the language of who asks for it; whether it was.

    Not when there were many in a day, to this address or by this person.
    """
    lock_person(session, actor.user_id)  # whoever asks twice at once is counted twice
    so_far = queries.strangers_mails(session, invitation.address, actor.user_id)
    if not rules.stranger_may_get(*so_far):
        return False
    values = {
        "address": invitation.address,
        "key": invitation.key,
        "asked_by": actor.user_id,
        "locale": session.scalar(select(LANGUAGE).where(Person.id == actor.user_id)),
        "subject": invitation.subject.text,
        "hint": invitation.hint,
        "parameters": invitation.subject.kept(),
        "url": invitation.url,
        "token_for": invitation.token_for,
        "token_purpose": invitation.token_purpose,
    }
    session.execute(insert(Mail).values(values))
    return True
