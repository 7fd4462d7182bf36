"""What follows from a published notice."""

from datetime import datetime
from uuid import UUID

from portal.awards import service
from portal.core.outbox import Topic
from workers.handlers import handles


@handles(Topic.NOTICE_PUBLISHED)
def tell_of_notice(payload: dict[str, str], now: datetime) -> None:
    """notice published -> the teams and the officers know."""
    service.tell_of_notice(UUID(payload["notice_id"]), now)
