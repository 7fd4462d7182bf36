"""What a task does when the formal check of a bid was decided."""

from datetime import datetime
from uuid import UUID

from portal.bids import queries as bid_queries
from portal.bids.checks import news
from portal.core.db import transaction


def tell_outcome(bid_id: UUID, now: datetime) -> None:
    """Tell the team how its check was decided; once, however often it is called."""
    with transaction() as session:
        news.checked(session, bid_queries.lock(session, bid_id))
