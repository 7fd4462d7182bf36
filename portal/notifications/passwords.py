"""A changed password is told to its owner, whether they want mail or not."""

from datetime import datetime
from uuid import UUID

from portal.core.db import transaction
from portal.core.words import N_, Message
from portal.notifications.factor import NOT_ME
from portal.notifications.service import notify

CHANGED = N_("The password of your account was changed")


def tell_of_password(person_id: UUID, at: datetime) -> None:
    """Tell whose password it is; once however often it is called."""
    with transaction() as session:
        key = f"password:{at.isoformat()}"
        notify(
            session, [person_id], key, Message(CHANGED), "/account/sessions", NOT_ME, mail_all=True
        )
