"""Changes, races, early endings and records of breach of trust for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.accounts.models import Organisation
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.money import FundSource
from portal.core.workdays import PLACE
from portal.integrity.models import IntegrityRecord
from portal.integrity.rules import Grounds, RecordState, answer_by, ends_at
from portal.projects import contract
from portal.projects.changes import standing
from portal.projects.changes.models import Change, ChangePaper
from portal.projects.changes.rules import ChangeKind
from portal.projects.endings.models import ClawBack, Ending, MoneyBack
from portal.projects.endings.rules import Cause, EndingKind
from portal.projects.models import Project
from portal.projects.races.models import RaceGate
from portal.projects.rules import ProjectState
from tests.factories.accounts import make_person
from tests.factories.awards import make_notice
from tests.factories.bids import make_document

WORDS = "因关键部件到货推迟,经各方商议后提出本项申请,说明如上。"
DAY = timedelta(days=1)


def make_race(lanes: int = 2) -> list[Project]:
    """Projects of one challenge, all under way."""
    notice = make_notice(confirmed=True, winners=lanes)
    found = []
    for number, place in enumerate(notice.winners, start=1):
        lane = contract.project_of(notice, place, number, place.bid.versions[-1])
        lane.state = ProjectState.ACTIVE
        db.session.add(lane)
        found.append(lane)
    db.session.flush()
    return found


def make_gate(lane: Project, **facts: Any) -> RaceGate:
    """A gate whose date has come, at the first milestone; one lane goes on."""
    now = clock.now(db.session)
    values: dict[str, Any] = {
        "milestone": 1,
        "due_at": now - DAY,
        "survivors": 1,
        "criteria": WORDS,
        "set_by": make_person(Role.CITY_OFFICER).id,
        "set_at": now - 2 * DAY,
    }
    gate = RaceGate(challenge_id=lane.challenge_id, **{**values, **facts})
    db.session.add(gate)
    db.session.flush()
    return gate


def make_change(project: Project, kind: ChangeKind = ChangeKind.PEOPLE, **facts: Any) -> Change:
    """A request that waits, with one paper: another leader, or an indicator as it is promised."""
    first = project.indicators[0].position
    before = standing.held(db.session, project, kind, first)
    values: dict[str, Any] = {
        "number": 1,
        "reason": WORDS,
        "before": before,
        "after": {"leader": "赵工"} if kind is ChangeKind.PEOPLE else before,
        "requested_by": project.bid.started_by,
        "requested_at": clock.now(db.session),
    }
    change = Change(project=project, kind=kind, **{**values, **facts})
    paper = make_document(uploaded_by=project.bid.started_by)
    change.papers = [ChangePaper(file=paper, position=1)]
    db.session.add(change)
    db.session.flush()
    return change


def make_ending(project: Project, **facts: Any) -> Ending:
    """A terminated project, of which the city claims back 100,000 yuan; half of it has come."""
    now = clock.now(db.session)
    project.state = ProjectState.TERMINATED
    values: dict[str, Any] = {
        "kind": EndingKind.TERMINATION,
        "cause": Cause.MONEY,
        "reason": WORDS,
        "paid": Decimal(300_000),
        "kept": Decimal(200_000),
        "ended_by": make_person(Role.CITY_OFFICER).id,
        "ended_at": now,
    }
    ending = Ending(project=project, **{**values, **facts})
    claim = ClawBack(
        source=FundSource.CITY,
        principal=Decimal(100_000),
        interest=Decimal(0),
        received=Decimal(50_000),
        due_on=(now + 30 * DAY).astimezone(PLACE).date(),
    )
    claim.receipts = [
        MoneyBack(
            amount=Decimal(50_000),
            document="H-1",
            received_on=now.astimezone(PLACE).date(),
            file=make_document(uploaded_by=project.bid.started_by),
            recorded_by=ending.ended_by,
            recorded_at=now,
        )
    ]
    ending.claims = [claim]
    db.session.add(ending)
    db.session.flush()
    return ending


def make_record(
    organisation: Organisation, office: Organisation, *, standing: bool = False, **facts: Any
) -> IntegrityRecord:
    """A charge that waits for its answer; `standing`: recorded since yesterday."""
    now = clock.now(db.session)
    proposer = make_person(Role.CITY_OFFICER)
    values: dict[str, Any] = {
        "grounds": Grounds.FALSE_PAPERS,
        "reason": WORDS,
        "about": "示例项目",
        "file": make_document(uploaded_by=proposer.id),
        "proposed_by": proposer.id,
        "proposed_at": now,
        "answer_by": answer_by(now),
    }
    if standing:
        start = now - DAY
        values |= {"state": RecordState.STANDING, "starts_at": start, "ends_at": ends_at(start)}
        values |= {"decided_at": start, "decided_by": make_person(Role.CITY_OFFICER).id}
    record = IntegrityRecord(organisation=organisation, office=office, **{**values, **facts})
    db.session.add(record)
    db.session.flush()
    return record
