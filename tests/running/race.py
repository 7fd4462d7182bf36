"""Teams that hand in around a deadline, each over a connection of its own, and what became of each.

A team's request leaves in one piece at its moment; the same connection then asks for the page of the
receipt, as a browser does. Meanwhile somebody changes the challenge's row without a pause, and
officers and auditors read.
"""

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Flask
from sqlalchemy import text

from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import make_person
from tests.factories.bids import make_bid, make_bid_challenge, make_document
from tests.factories.challenges import make_officer
from tests.running.house import House
from tests.running.lines import Answer, Line, Login, sign_in

SPREAD = 1.0
"""Seconds over which the teams come."""
CONNECTING = 1.5
"""Seconds in which all of them connect, before the first sends something."""
WARMING = 24
"""Teams that come for nothing, so that no process does for the first time what counts."""
HOLD, REST = 0.2, 0.02
"""Seconds for which the challenge's row is locked, and is not, in turn."""
ARRIVED = re.compile(r'<time class="arrived" datetime="([^"]+)"')


@dataclass
class Try:
    """One team's submission: when it left (seconds from the deadline), and what came of it."""

    bid_id: UUID
    login: Login
    left: float = 0.0
    took: float = 0.0
    """Seconds from the last byte to the answer."""
    took_with_receipt: float = 0.0
    answer: Answer | None = None
    receipt: Answer | None = None
    file: Answer | None = None
    """The receipt as the file that verifiers read."""

    @property
    def status(self) -> int:
        """Of the answer; 0 when there was none."""
        return self.answer.status if self.answer else 0

    @property
    def is_taken(self) -> bool:
        """Whether the bid was handed in."""
        return self.status == HTTPStatus.SEE_OTHER

    @property
    def arrived(self) -> datetime | None:
        """When the database says that a refused one was complete, as its page tells."""
        found = ARRIVED.search(self.answer.body.decode()) if self.answer else None
        return datetime.fromisoformat(found[1]) if found else None


@dataclass
class Race:
    """A challenge shortly before its deadline, and those who come."""

    challenge: Challenge
    tries: list[Try]
    readers: dict[str, Login]
    """Who reads meanwhile, by the page that they read."""
    read: list[int] = field(default_factory=list)
    """The statuses of what they got."""
    edits: int = 0
    """How often the challenge's row was changed."""
    closes_at: datetime | None = None


def make_leads(count: int) -> list[Person]:
    """People who lead a team each."""
    return [make_person(Role.BIDDER_LEAD) for _ in range(count)]


def prepare(app: Flask, leads: Sequence[Person]) -> Race:
    """A challenge for which each of them has a complete draft."""
    challenge = make_bid_challenge()
    document = make_document(uploaded_by=leads[0].id)
    tries = []
    for lead in leads:
        home = lead.memberships[0].organisation
        facts = {"lead": home, "started_by": lead.id, "draft_file": document, "partners": []}
        bid = make_bid(challenge=challenge, **facts)
        tries.append(Try(bid.id, sign_in(app, lead)))
    auditor, officer = make_person(Role.AUDITOR), make_officer(challenge)
    readers = {
        f"/challenges/{challenge.code}/opening": sign_in(app, officer),
        f"/challenges/{challenge.code}": sign_in(app, officer),
        "/challenges": sign_in(app, auditor),
        "/log": sign_in(app, auditor),
    }
    db.session.commit()
    return Race(challenge, tries, readers)


def run(house: House, race: Race, spread: float = SPREAD) -> None:
    """Let all of them hand in within `spread` seconds, half of them before the deadline."""
    lead_time = spread / 2 + CONNECTING
    before = time.time()
    race.closes_at = clock.now(db.session) + timedelta(seconds=lead_time)
    race.challenge.closes_at = race.closes_at
    db.session.commit()
    deadline = (before + time.time()) / 2 + lead_time
    with _editing(race):
        asyncio.run(_all(house, race, deadline, spread))


def warm(house: House) -> None:
    """Let every process do once, long before a deadline, what is slow only at first."""
    race = prepare(house.app, make_leads(WARMING))
    come(house, race)


def come(house: House, race: Race, spread: float = SPREAD) -> None:
    """Let all of them hand in within `spread` seconds, long before the deadline."""
    asyncio.run(_all(house, race, time.time() + spread / 2 + CONNECTING, spread))


@contextlib.contextmanager
def _editing(race: Race) -> Iterator[None]:
    """Change the challenge's row all the time, as an officer's forms and the portal's own acts do."""
    done, challenge_id = threading.Event(), race.challenge.id
    engine = db.engine

    def edit() -> None:
        with engine.connect() as connection:
            while not done.wait(REST):
                connection.execute(EDIT, {"id": challenge_id})
                done.wait(HOLD)
                connection.commit()
                race.edits += 1

    editor = threading.Thread(target=edit)
    editor.start()
    try:
        yield
    finally:
        done.set()
        editor.join()


EDIT = text("UPDATE challenges SET contact_phone = contact_phone WHERE id = :id")


async def _all(house: House, race: Race, middle: float, spread: float) -> None:
    """Everybody in turn, half of them before the middle (a time of this machine's clock)."""
    end = asyncio.Event()
    readers = [_read(house, race, *reader, end) for reader in race.readers.items()]
    reading = [asyncio.create_task(one) for one in readers]
    step = spread / max(1, len(race.tries) - 1)
    moments = (middle - spread / 2 + step * place for place in range(len(race.tries)))
    turns = zip(race.tries, moments, strict=True)
    await asyncio.gather(*(_hand_in(house, one, at, middle) for one, at in turns))
    end.set()
    await asyncio.gather(*reading)


async def _read(house: House, race: Race, path: str, login: Login, end: asyncio.Event) -> None:
    with contextlib.closing(Line(house.place, login)) as line:
        while not end.is_set():
            race.read.append((await line.get(path)).status)


async def _hand_in(house: House, one: Try, at: float, middle: float) -> None:
    with contextlib.closing(Line(house.place, one.login)) as line:
        _, writer = await line.open()
        sent = line.request("POST", f"/bids/{one.bid_id}/submit", f"request_key={one.bid_id.hex}")
        await asyncio.sleep(at - time.time())
        writer.write(sent)
        await writer.drain()
        began = time.time()
        one.left = began - middle
        one.answer = await line.answer()
        one.took = time.time() - began
        if one.is_taken:
            address = one.answer.head["location"]
            one.receipt = await line.get(address)
            one.took_with_receipt = time.time() - began
            one.file = await line.get(f"{address}.json")
