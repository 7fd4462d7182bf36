"""What happens to the second factor of an account goes to its owner, whether they want mail or not."""

from datetime import datetime
from uuid import UUID

from portal.accounts.factor.rules import News
from portal.core.db import transaction
from portal.core.words import N_, Message
from portal.notifications.service import notify

NOT_ME = N_("If this was not you, tell an administrator at once.")


def tell_owner(person_id: UUID, what: News, at: datetime) -> None:
    """Tell whose second factor it is, once however often it is called."""
    with transaction() as session:
        key, where = f"factor:{what.value}:{at.isoformat()}", "/account/second-factor"
        notify(session, [person_id], key, Message(what.label), where, NOT_ME, mail_all=True)
