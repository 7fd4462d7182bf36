"""Whether somebody wants mail, and in which language; and in which language they read the portal."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.rules import Language
from portal.core.access import Actor
from portal.core.db import transaction


@dataclass(frozen=True)
class MailWish:
    """What somebody wants."""

    wants_mail: bool
    language: Language


def wish_of(session: Session, actor: Actor, default_locale: str) -> MailWish:
    """What the actor has chosen, or what holds until they choose."""
    person = session.get_one(Person, actor.user_id)
    locale = person.mail_locale or person.locale or default_locale
    known = {language.value: language for language in Language}
    return MailWish(person.wants_mail, known.get(locale[:2], Language.CHINESE))


def choose(actor: Actor, wish: MailWish) -> None:
    """Send the actor mail, or none, in this language."""
    with transaction() as session:
        person = session.get_one(Person, actor.user_id)
        person.wants_mail, person.mail_locale = wish.wants_mail, wish.language.value


def choose_language(actor: Actor, language: Language) -> None:
    """Show the actor the portal in this language, wherever they sign in."""
    with transaction() as session:
        session.get_one(Person, actor.user_id).locale = language.value
