"""The demonstration's calls that come from files, by the import that officers use."""

from collections.abc import Iterator
from pathlib import Path

from portal.accounts import queries as accounts
from portal.challenges import queries
from portal.challenges.approvals import service as approvals
from portal.challenges.exchange import queries as exchange
from portal.challenges.exchange import service
from portal.challenges.exchange.document import located
from portal.challenges.exchange.reading import read
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.demo import keys

FOLDER = Path(__file__).resolve().parent / "data" / "calls"
OFFICER, SECOND = "city@jiebang.example", "city2@jiebang.example"


class WrongFile(Exception):
    """A file of the demonstration does not pass its own check."""


def files() -> list[Path]:
    """The files, in order."""
    return sorted(FOLDER.glob("*.yaml"))


def load_calls() -> Iterator[str]:
    """Import and publish the calls that are not there yet; yields each one's number."""
    for path in files():
        yield _call(path)


def _officer(email: str) -> Actor:
    found = accounts.actor_by_email(db.session, email)
    if found is None:
        raise NotFound
    return found


def _call(path: Path) -> str:
    document, now = read(path.read_bytes()), clock.now(db.session)
    number = str(document.call.cells["number"].raw) if document.call else ""
    if queries.call_numbered(db.session, number) is not None:
        return number
    report = service.import_call(_officer(OFFICER), document, now)
    if report.problems:
        where = [(*located(one.place, "en"), one.text) for one in report.problems]
        raise WrongFile(f"{path.name}: {where}")
    call = queries.call_numbered(db.session, number)
    if call is None:
        raise NotFound
    for challenge in exchange.challenges_of(db.session, call):
        proposal = approvals.propose(_officer(OFFICER), challenge.id, clock.now(db.session))
        keys.choose_custodians(
            _officer(OFFICER), _officer(SECOND), challenge.id, clock.now(db.session)
        )
        approvals.approve(_officer(SECOND), proposal.id, clock.now(db.session))
        keys.prove_shares(_officer(SECOND), challenge.id, clock.now(db.session))
    return number
