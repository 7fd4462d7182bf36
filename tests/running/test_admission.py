"""Around a deadline, at the running portal: nobody late is in, nobody who was in time is out.

The same with 300 teams, twenty times: `./run bench admission`.
"""

import asyncio
import contextlib
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from portal.bids.models import Bid
from portal.core import clock
from portal.core.db import db
from tests.running import race
from tests.running.house import House
from tests.running.lines import Line, idle
from tests.running.outcome import judged
from tests.running.race import Try

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("running")]
TEAMS, SPREAD = 40, 2.0
LINGERING = 15
"""Seconds; the idle would take twice as many, if each that is hung up on stopped the others."""


@pytest.fixture(scope="module")
def warm(running_house: House) -> None:
    with running_house.app.app_context():
        race.warm(running_house)
        db.session.close()


@pytest.mark.usefixtures("warm")
def test_of_those_who_come_around_the_deadline_each_is_in_or_told_when_it_came(
    house: House,
) -> None:
    one = race.prepare(house.app, race.make_leads(TEAMS))
    race.run(house, one, SPREAD)
    found = judged(house, one)
    assert found.broken == 0, asdict(found)
    assert found.taken + found.refused == TEAMS
    assert min(found.taken, found.refused) > 0, "some before the deadline, some after it"
    assert found.edits > 1
    assert found.reads > len(one.readers)


def alone(house: House, seconds: float) -> tuple[race.Race, Try]:
    """One team, and a deadline that far away."""
    made = race.prepare(house.app, race.make_leads(1))
    made.closes_at = clock.now(db.session) + timedelta(seconds=seconds)
    made.challenge.closes_at = made.closes_at
    db.session.commit()
    return made, made.tries[0]


async def trickled(house: House, one: Try, seconds: float) -> None:
    """Begin at once, and send the last byte after that time."""
    with contextlib.closing(Line(house.place, one.login)) as line:
        _, writer = await line.open()
        whole = line.request("POST", f"/bids/{one.bid_id}/submit", "request_key=slow")
        writer.write(whole[:-1])
        await writer.drain()
        await asyncio.sleep(seconds)
        writer.write(whole[-1:])
        one.answer = await line.answer()


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(("seconds", "status"), [(0.1, 303), (1.6, 409)])
def test_a_body_counts_when_its_last_byte_is_in(house: House, seconds: float, status: int) -> None:
    made, one = alone(house, 1.5)
    asyncio.run(trickled(house, one, seconds))
    if status == 409:
        assert one.arrived is not None
        assert one.arrived >= made.closes_at
    assert one.status == status


async def held_up(house: House, one: Try, holder: Connection, seconds: float) -> None:
    """Hand in at once, and let the portal not even look who it is for that time."""
    holder.execute(text("LOCK TABLE sign_in_sessions"))
    coming = asyncio.create_task(trickled(house, one, 0))
    await asyncio.sleep(seconds)
    assert not coming.done()
    holder.rollback()
    await coming


@pytest.mark.usefixtures("warm")
def test_what_waits_for_its_turn_is_stamped_when_it_came(house: House) -> None:
    made, one = alone(house, 1)
    with db.engine.connect() as holder:
        asyncio.run(held_up(house, one, holder, 1.5))
    assert one.status == 303
    db.session.expire_all()
    [version] = db.session.get_one(Bid, one.bid_id).versions
    assert version.submitted_at < made.closes_at


@pytest.mark.usefixtures("warm")
def test_a_hundred_idle_connections_keep_nobody_from_handing_in(house: House) -> None:
    made = race.prepare(house.app, race.make_leads(1))
    with idle(house.place):
        race.come(house, made)
    [one] = made.tries
    assert one.status == 303
    assert one.took < LINGERING
