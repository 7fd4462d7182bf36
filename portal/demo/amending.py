"""The demonstration's amendment: a challenge is changed while bids are taken, and its deadline moves."""

from datetime import timedelta

from portal.bids.opening import count_handed_in
from portal.challenges.amendments import drafting, service
from portal.core import clock
from portal.core.db import db
from portal.demo.challenges import person, titled
from portal.demo.teams import Row


def amend(row: Row) -> str:
    """Draft it, explain it, have the second officer approve it, unless it was done; its challenge."""
    challenge = titled(row["challenge"])
    if not challenge.amended and challenge.closes_at:
        officer, second = person(row["officer"]), person(row["second"])
        now = clock.now(db.session)
        later = challenge.closes_at + timedelta(days=row["later"])
        made = service.start(officer, challenge.id, now)
        drafting.edit(officer, made.id, {**row["values"], "closes_at": later}, made.revision, now)
        service.propose(officer, made.id, row["reason"], now)
        service.approve(second, made.id, service.stamp_of(made), count_handed_in, now)
    return challenge.title
