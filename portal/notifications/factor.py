"""What happens to the second factor of an account goes to its owner, whether they want mail or not."""

from datetime import datetime
from uuid import UUID

from portal.accounts.factor.rules import News
from portal.accounts.queries import people_with_role
from portal.core.access import Role
from portal.core.db import transaction
from portal.core.words import N_, Message
from portal.notifications.service import notify

WAITS = N_("The reset of a second factor waits for another administrator")
NOT_ME = N_("If this was not you, tell an administrator at once.")


def tell_of_factor(person_id: UUID, what: News, at: datetime) -> None:
    """Tell whose second factor it is, and of a reset that was asked for the administrators as well,
    one of whom confirms it; once however often it is called."""
    with transaction() as session:
        key, where = f"factor:{what.value}:{at.isoformat()}", "/account/second-factor"
        notify(session, [person_id], key, Message(what.label), where, NOT_ME, mail_all=True)
        if what is News.RESET_ASKED:
            others = people_with_role(session, [Role.ADMINISTRATOR])
            notify(session, others, f"{key}:waits", Message(WAITS), "/people/second-factors")
