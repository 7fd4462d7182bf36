"""Teams that hand in over HTTP as a careful program does: no answer, and the same request again."""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from secrets import randbelow
from typing import Any
from uuid import UUID, uuid4

import httpx

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.audit.notes import VerifierKey
from portal.bids import receipts
from portal.bids.sections.service import put_document
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.db import db
from portal.core.files import Upload
from tests.bids.pages import SHEET
from tests.factories.accounts import PASSWORD
from tests.factories.bids import PDF, kept, make_bid

PATIENCE = 60
"""Seconds within which something that was killed has to serve again."""
PAUSE = 0.2
AGAIN = 5
"""Of so many requests one is sent a second time although it was answered."""
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NUMBER = re.compile(r"/versions/(\d+)/receipt$")


@dataclass(frozen=True)
class Acknowledged:
    """What the portal has told a team: it is handed in, and this is the receipt."""

    bid_id: UUID
    key: str
    number: int
    receipt: Mapping[str, Any]


@dataclass
class Team:
    """One team at its computer."""

    url: str
    email: str
    bid_id: UUID
    log_key: VerifierKey
    told: list[Acknowledged] = field(default_factory=list)
    silent: int = 0
    """How often there was no answer, or one that said that the portal is not well."""
    drafts: int = 0
    revision: int = 0
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))
    token: str = ""

    def ask(self, method: str, path: str, **data: str) -> httpx.Response:
        """The answer to a request, sent again until there is one."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.client.request(
                    method,
                    self.url + path,
                    data={**data, "csrf_token": self.token} if data else None,
                )
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return answer
                why = f"{answer.status_code} {answer.text[-500:]}"
            except httpx.TransportError as error:
                why = repr(error)
            self.silent += 1
            assert time.monotonic() < end, f"{method} {path} has no answer: {why}"
            time.sleep(PAUSE)

    def sign_in(self) -> None:
        """Sign in through the page."""
        self._take_token("/sign-in")
        answer = self.ask("POST", "/sign-in", email=self.email, password=PASSWORD)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        self._take_token(f"/bids/{self.bid_id}/edit/outline")

    def _take_token(self, path: str) -> None:
        found = TOKEN.search(self.ask("GET", path).text)
        assert found, path
        self.token = found[1]

    def write(self) -> None:
        """Change the draft."""
        self.drafts += 1
        path = f"/bids/{self.bid_id}/edit/outline/autosave"
        text = {**SHEET["outline"], "title": f"第{self.drafts}稿", "seen": str(self.revision)}
        answer = self.ask("POST", path, **text)
        assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text)
        self.revision = answer.json()["revision"]

    def send(self, key: str) -> int:
        """Hand the draft in under a key; the version's number."""
        answer = self.ask("POST", f"/bids/{self.bid_id}/submit", request_key=key)
        found = NUMBER.search(answer.headers.get("Location", ""))
        assert found, (answer.status_code, answer.text)
        return int(found[1])

    def take_receipt(self, number: int) -> Mapping[str, Any]:
        """The receipt of a version; it holds."""
        answer = self.ask("GET", f"/bids/{self.bid_id}/versions/{number}/receipt.json")
        assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text)
        receipt: Mapping[str, Any] = answer.json()
        receipts.verify(receipt, self.log_key)
        return receipt

    def hand_in(self) -> Acknowledged:
        """Write, hand in, and take the receipt."""
        key = uuid4().hex
        self.write()
        number = self.send(key)
        self.told.append(Acknowledged(self.bid_id, key, number, self.take_receipt(number)))
        return self.told[-1]

    def hand_in_again(self, before: Acknowledged) -> None:
        """Send the last request again: it is the same version, with the same receipt."""
        assert self.send(before.key) == before.number
        assert self.take_receipt(before.number) == before.receipt


def make_teams(url: str, challenge_id: UUID, count: int, key: VerifierKey) -> list[Team]:
    """Teams with complete drafts, whose document is locked in the store; signed in."""
    made = []
    for number in range(count):
        challenge = db.session.get_one(Challenge, challenge_id)
        bid = make_bid(challenge=challenge, partners=[])
        lead = db.session.get_one(Person, bid.started_by)
        email, actor = lead.email, actor_of(lead)
        db.session.commit()
        paper = Upload(BytesIO(PDF + f"%% {number}".encode()), "揭榜方案.pdf")
        put_document(actor, bid.id, paper, kept(), clock.now(db.session))
        made.append(Team(url, email, bid.id, key))
    for team in made:
        team.sign_in()
    return made


@contextmanager
def at_work(teams: Iterable[Team]) -> Iterator[None]:
    """Meanwhile all teams hand in again and again; what went wrong for one of them is raised."""
    stopping, errors = threading.Event(), []

    def work(team: Team) -> None:
        try:
            while not stopping.is_set() and not errors:
                last = team.hand_in()
                if randbelow(AGAIN) == 0:
                    team.hand_in_again(last)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(team,)) for team in teams]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    for error in errors:
        raise error
