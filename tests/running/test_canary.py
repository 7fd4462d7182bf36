"""No plaintext of a bid that was handed in is anywhere on the machine before the opening.

A team hands a bid in at the running portal; every text, name, number and file of it has a canary, and
every table fails once in the middle of it, as a logged error might tell what was typed. Looked through
are the temporary files while an upload comes in, and afterwards all that PostgreSQL keeps (tables,
indexes, write-ahead log), the store, Valkey's keys, memory and files, every log and temporary folder.
That the search can find is tried by the same search after the opening.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import redis
from sqlalchemy import text

from portal.accounts.models import Person
from portal.bids.models import Bid
from portal.bids.rules import OPENING_GRACE, BidState
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.spool import IN_MEMORY
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.bids import make_bid_challenge, make_partner
from tests.factories.challenges import make_officer
from tests.factories.keys import PRINTED
from tests.running import planted, traces
from tests.running.house import House
from tests.running.visitor import Visitor
from tests.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("running")]
MIDDLES = {
    "bid_sections": "revision < 0",
    "bid_partners": "bid_id IS NULL",
    "stored_files": "size < 0",
    "bid_versions": "number < 0",
}
"""Rules that no row keeps: what fails by them, PostgreSQL tells with the whole row."""

NOTHING = bytes(4096)
"""Much of memory and of PostgreSQL's files is empty: not worth looking through."""


@contextlib.contextmanager
def failing(table: str) -> Iterator[None]:
    """Every write into the table fails meanwhile."""
    db.session.rollback()  # what it has read would keep the table as it is
    with db.engine.begin() as one:
        one.execute(
            text(f"ALTER TABLE {table} ADD CONSTRAINT bad CHECK ({MIDDLES[table]}) NOT VALID")
        )
    yield
    with db.engine.begin() as one:
        one.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT bad"))


class Watch:
    """The temporary files of the web processes, also those without a name, as they are."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.seen: list[bytes] = []

    def __call__(self) -> None:
        """Wait until the upload is on the disc, and copy what is there."""

        def has_come() -> bool:
            self.seen = list(self._files())
            return any(len(one) > IN_MEMORY for one in self.seen)

        until(has_come, "the upload waits in a temporary file")

    def _files(self) -> Iterator[bytes]:
        for process in self._house.web():
            for one in Path(f"/proc/{process.pid}/fd").iterdir():
                with contextlib.suppress(OSError):  # closed since
                    if os.readlink(one).startswith(str(self._house.folder / "tmp")):
                        yield one.read_bytes()


def everything(house: House) -> Iterator[tuple[str, bytes]]:
    """All that the machine keeps, with a word for where it was."""
    yield from tables()
    yield from broker(house)
    for folder in house.folders:
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()
        yield "names of files", "\n".join(map(str, folder.rglob("*"))).encode()


def tables() -> Iterator[tuple[str, bytes]]:
    """Every row; after this all of it is in PostgreSQL's files as well."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
        one.execute(text("CHECKPOINT"))
        names = one.scalars(text("SELECT relname FROM pg_stat_user_tables")).all()
        for name in names:
            rows = one.scalars(text(f"SELECT t::text FROM {name} t")).all()
            yield f"table {name}", "\n".join(rows).encode()


def broker(house: House) -> Iterator[tuple[str, bytes]]:
    """Every key of Valkey, and its memory where the system lets us look; it writes its file then."""
    url = house.settings.limiter_storage_url.replace("redis+", "")
    with redis.Redis.from_url(url) as one:
        for key in one.scan_iter():
            yield "key of the broker", key + (one.dump(key) or b"")
        one.config_set("rdbcompression", "no")
        one.save()
        number = one.info("server")["process_id"]
    with contextlib.suppress(PermissionError):
        yield "memory of the broker", memory(number)


def memory(number: int) -> bytes:
    """What a process has in memory that can be written."""
    found = bytearray()
    with Path(f"/proc/{number}/mem").open("rb", 0) as source:
        for line in Path(f"/proc/{number}/maps").read_text().splitlines():
            place, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(one, 16) for one in place.split("-"))
                with contextlib.suppress(OSError, OverflowError):  # a page that cannot be read
                    source.seek(start)
                    found += source.read(end - start)
    return bytes(found)


def places(house: House) -> set[str]:
    """Where a canary lies that can be read."""
    kept = ((place, data.replace(NOTHING, b"")) for place, data in everything(house))
    return {place for place, data in kept if traces.holds(data, planted.FORMS_OF_IT)}


class Team:
    """A lead and a partner who write a bid and hand it in."""

    def __init__(self, house: House, challenge: Challenge, *visitors: Visitor) -> None:
        lead, home = make_person(Role.BIDDER_LEAD), make_partner()
        partner = make_person(Role.PARTNER, organisation=home)
        db.session.commit()
        self.house, self.home = house, home.name
        self.lead, self.partner = visitors
        self.lead.sign_in(lead)
        self.partner.sign_in(partner)
        self.path = self.must(f"/challenges/{challenge.code}/bids").removesuffix("/edit")

    def bid(self) -> Bid:
        """As it is now."""
        db.session.rollback()
        return db.session.get_one(Bid, UUID(self.path.rsplit("/", 1)[1]))

    def must(self, path: str, **sent: object) -> str:
        """Send a form that is taken, and return where it leads."""
        answer = self.lead.post(path, sent.pop("data", {}), **sent)
        assert answer.status_code == 303, (path, answer.text)
        return answer.headers["Location"]

    def fail(self, table: str, path: str, **sent: object) -> None:
        """Send a form that fails in the middle of its writing."""
        with failing(table):
            assert self.lead.post(path, sent.pop("data", {}), **sent).status_code == 500

    def write(self) -> None:
        """Every section, one of them first with an error, then typed by itself, then sent."""
        for number, (section, data) in enumerate(planted.sheet().items()):
            revisions = {row.section.value: row.revision for row in self.bid().sections}
            form = {"data": {"seen": str(revisions[section]), **data}}
            if number == 0:
                self.fail("bid_sections", f"{self.path}/edit/{section}/autosave", **form)
                self.fail("bid_sections", f"{self.path}/edit/{section}", **form)
            self.must(f"{self.path}/edit/{section}", **form)

    def attach(self) -> list[bytes]:
        """Every file; returns what was in temporary files while the largest came in."""
        files, watch = planted.documents(), Watch(self.house)
        path = f"{self.path}/edit/attachments"
        answer = self.lead.trickle(path, {}, {"document": files["pdf"]}, watch)
        assert answer.status_code == 303, answer.text
        self.fail("stored_files", path, files={"document": files["text"]})
        for kind in ("docx", "xlsx", "text"):
            form = {"kind": "other", "title": f"{planted.WORDS}{kind}"}
            self.must(path, data=form, files={"file": files[kind]})
        return watch.seen

    def join(self) -> None:
        """The partner is asked for what it does and brings, and agrees."""
        asked = {"who": self.home, "duty": planted.WORDS, "people": planted.WORDS}
        form = {"data": {**asked, "own_money": planted.OWN_MONEY}}
        self.fail("bid_partners", f"{self.path}/team", **form)
        self.must(f"{self.path}/team", **form)
        page = self.partner.get(f"{self.path}/team").text
        seen = page.split('name="seen" value="')[1].split('"')[0]
        answer = self.partner.post(
            f"/invitations/{self.bid().partners[0].id}/answer", {"answer": "yes", "seen": seen}
        )
        assert answer.status_code == 303, answer.text

    def submit(self) -> None:
        """Hand in, with an error and without; then look at all that can be looked at."""
        self.fail("bid_versions", f"{self.path}/submit")
        receipt = self.must(f"{self.path}/submit", data={"request_key": "once"})
        manifest = receipt.replace("/receipt", "/manifest.json")
        for page in (self.path, f"{self.path}/paper", receipt, f"{receipt}.json", manifest):
            assert self.lead.get(page).status_code == 200, page


def test_nothing_of_a_bid_lies_in_clear_before_the_opening(
    house: House, visitor: Callable[[], Visitor]
) -> None:
    with db.engine.begin() as connection:
        traces.uncompressed(connection)
    challenge = make_bid_challenge()
    officer = make_officer(challenge)
    team = Team(house, challenge, visitor(), visitor())
    team.write()
    waited = team.attach()
    assert not [one for one in waited if traces.holds(one, planted.FORMS_OF_IT)]
    team.join()
    team.submit()
    assert places(house) == set()
    log = (house.folder / "web.log").read_text()
    assert log.count("unexpected error") == 5
    assert "[parameters:" not in log
    open_now(challenge, officer, visitor())
    until(lambda: team.bid().state is BidState.OPENED, "the bid is open")
    found = places(house)
    assert {"table bid_versions", "table bid_budget_lines", "table stored_files"} <= found
    for part in ("base/", "pg_wal/", "files/"):
        assert any(part in place for place in found), f"the search finds in {part}"


def open_now(challenge: Challenge, officer: Person, visitor: Visitor) -> None:
    """The deadline passes, and two custodians open."""
    now = clock.now(db.session)
    challenge.closes_at = now
    clock.move(db.session, OPENING_GRACE)
    db.session.commit()
    visitor.sign_in(officer)
    two = {"issuer": PRINTED[1], "escrow": PRINTED[3]}
    two |= dict.fromkeys(("issuer_password", "escrow_password"), PASSWORD)
    answer = visitor.post(f"/challenges/{challenge.code}/opening", two)
    assert answer.status_code == 303, answer.text
