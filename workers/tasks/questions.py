"""What follows when a question is answered."""

from datetime import datetime
from uuid import UUID

from portal.bids import hearing
from portal.core.outbox import Topic
from workers.handlers import handles


@handles(Topic.QUESTION_ANSWERED)
def tell_of_answer(payload: dict[str, str], now: datetime) -> None:
    """Tell whoever asked, follows, or writes a bid."""
    hearing.tell_of_answer(UUID(payload["question_id"]), now)
