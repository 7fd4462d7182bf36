"""What changes in the demonstration's race: its gate, requests, a suspension, an end, a charge."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO

from portal.accounts import queries as accounts
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource, yuan
from portal.demo.challenges import after, person, titled
from portal.demo.reading import DATA
from portal.demo.teams import Row, bid_of
from portal.integrity import service as integrity
from portal.integrity.rules import Grounds
from portal.integrity.service import Charge
from portal.projects import queries
from portal.projects.changes import service as changes
from portal.projects.changes.rules import ChangeKind, Voice
from portal.projects.changes.standing import Wish
from portal.projects.endings import service as endings
from portal.projects.endings import suspending
from portal.projects.endings.rules import Cause, EndingKind
from portal.projects.endings.service import Returned, Settlement
from portal.projects.models import Project
from portal.projects.races import queries as races
from portal.projects.races import service as race_service

NOON = "12:00"


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file) - 2


def load_changing(file: Row, store: FileStore) -> Iterator[str]:
    """Enter what happened to the race, unless its gate is set already; yields each step."""
    challenge = titled(file["challenge"])
    is_new = not races.gates(db.session, challenge.id)
    for what, act in (
        ("gate", _gate),
        ("granted", _grant),
        ("change", _change),
        ("suspended", _suspend),
        ("ended", _end),
        ("charged", _charge),
    ):
        if is_new:
            act(challenge, file[what], file["officer"], store)
        yield what


def _at(day: int) -> datetime:
    return after(clock.now(db.session), {"day": day, "at": NOON})


def _project(challenge: Challenge, lead: str) -> Project:
    bid = bid_of({"lead": lead}, challenge)
    found = queries.project_of_bid(db.session, bid.id) if bid else None
    if found is None:
        raise NotFound
    return found


def _paper(name: str) -> Upload:
    return Upload(BytesIO((DATA / "evidence.pdf").read_bytes()), f"{name}.pdf")


def _gate(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    """Its date has come; nothing is decided yet."""
    facts = (row["milestone"], _at(row["due"]), row["survivors"], row["criteria"])
    race_service.set_gate(person(officer), challenge.id, *facts, _at(row["day"]))


def _change(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    """Money moves between sources; the city has consented, the district has not answered yet."""
    project, moved = _project(challenge, row["lead"]), yuan(Decimal(row["moved"]))
    held = {fund.source: fund.amount for fund in project.funds}
    less, more = FundSource(row["less"]), FundSource(row["more"])
    amounts = {less.value: held[less] - moved, more.value: held[more] + moved}
    wish = Wish(ChangeKind.SOURCES, row["reason"], amounts=amounts)
    lead, papers = person(row["lead"]), [_paper("董事会决议")]
    asked = changes.request_change(lead, project.id, wish, papers, store, _at(row["day"]))
    city = person(row["consented"]["email"])
    changes.answer_change(city, asked.id, Voice.CITY, True, "", _at(row["consented"]["day"]))


def _grant(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    """Another leader of the work: the issuing body has consented, the contract has a new version."""
    project = _project(challenge, row["lead"])
    wish = Wish(ChangeKind.PEOPLE, row["reason"], leader=row["leader"])
    lead, papers = person(row["lead"]), [_paper("任命文件")]
    asked = changes.request_change(lead, project.id, wish, papers, store, _at(row["day"]))
    second = person(row["consented"]["email"])
    changes.answer_change(second, asked.id, Voice.ISSUER, True, "", _at(row["consented"]["day"]))


def _suspend(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    project = _project(challenge, row["lead"])
    suspending.suspend(person(officer), project.id, row["reason"], _at(row["day"]))


def _end(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    """An honest failure: nothing is charged; what was not spent is paid back, half of it has come."""
    project, now = _project(challenge, row["lead"]), _at(row["day"])
    source, claimed = FundSource(row["source"]), yuan(Decimal(row["claimed"]))
    told = Settlement(
        EndingKind.TERMINATION,
        Cause.HONEST_FAILURE,
        row["reason"],
        principal={source: claimed},
        due_on=_at(row["due"]).date(),
    )
    office = person(officer)
    ending = endings.end_project(office, project.id, told, _paper("终止决定"), store, now)
    endings.settle(project.id, now)
    came, at = row["came"], _at(row["came"]["day"])
    back = Returned(claimed / 2, came["document"], at.date(), _paper("退款回单"))
    endings.receive(office, ending.claims[0].id, back, store, at)


def _charge(challenge: Challenge, row: Row, officer: str, store: FileStore) -> None:
    """One that waits for its answer, and one that stands."""
    for one in row["rows"]:
        accused = accounts.organisation_by_name(db.session, one["organisation"])
        if accused is None:
            raise NotFound
        charge = Charge(Grounds(one["grounds"]), one["reason"], one["about"])
        paper, now = _paper("核查记录"), _at(one["day"])
        record = integrity.propose(person(officer), accused.id, charge, paper, store, now)
        if "imposed" in one:
            second, words = person(one["imposed"]["email"]), one["imposed"]["words"]
            integrity.impose(second, record.id, words, _at(one["imposed"]["day"]))
