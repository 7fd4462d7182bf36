"""What follows when something happens to an account."""

from datetime import datetime
from uuid import UUID

from portal.accounts.factor.rules import News
from portal.core.outbox import Topic
from portal.notifications import factor, passwords
from workers.handlers import handles


@handles(Topic.FACTOR_CHANGED)
def tell_of_factor(payload: dict[str, str], now: datetime) -> None:
    """Tell the owner of the second factor, and whoever has to decide."""
    at = datetime.fromisoformat(payload["at"])
    factor.tell_of_factor(UUID(payload["person_id"]), News(payload["what"]), at)


@handles(Topic.PASSWORD_CHANGED)
def tell_of_password(payload: dict[str, str], now: datetime) -> None:
    """Tell the owner of the account."""
    passwords.tell_of_password(UUID(payload["person_id"]), datetime.fromisoformat(payload["at"]))
