"""Each date of the way from the notice to the follow-up stands on somebody's desk when it has passed.

The tables of awards and projects are walked: a new date by which somebody has to act needs a case
here, or a line that says why it needs none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Date, DateTime
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.core.access import Actor
from portal.core.db import Base
from portal.core.workdays import PLACE
from portal.projects.acceptance.rules import AcceptanceState, Conclusion
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.rules import MilestoneState
from portal.site.desk import to_do
from tests.factories.acceptances import make_acceptance, make_follow_up
from tests.factories.awards import lead_of, make_notice, make_objection, officer_of
from tests.factories.challenges import make_officer
from tests.factories.changes import make_ending, make_gate, make_race
from tests.factories.contracts import make_contract
from tests.factories.milestones import make_milestone_opinion
from tests.factories.projects import make_project

DAY = timedelta(days=1)
ROOMS = ("portal.awards", "portal.projects")
DATES = ("_by", "_until", "due_at", "due_on", "ends_at", "ends_on")
"""How the names of columns end that say by when somebody has to act."""


@dataclass(frozen=True)
class Overdue:
    """Somebody, a time at which a date of theirs has passed, and where their desk has to lead."""

    actor: Actor
    now: datetime
    endpoint: str


def _notice() -> Overdue:
    notice = make_notice(published=True)
    assert notice.window_ends_at
    moment = notice.window_ends_at + 60 * DAY
    return Overdue(officer_of(notice.challenge), moment, "awards.decision")


def _objection() -> Overdue:
    notice = make_notice(published=True)
    examiner = make_officer(notice.challenge)
    assert notice.published_at
    due = notice.published_at + 15 * DAY
    make_objection(notice, examining=True, examiner_id=examiner.id, due_at=due)
    return Overdue(actor_of(examiner), due + DAY, "objections.shown")


def _contract() -> Overdue:
    contract = make_contract()
    bid = contract.project.bid
    return Overdue(lead_of(bid), contract.sign_by + DAY, "contracts.shown")


def _milestone() -> Overdue:
    project = make_project()
    return Overdue(lead_of(project.bid), project.milestones[0].due_at + DAY, "milestones.report")


def _rework() -> Overdue:
    project = make_project()
    milestone = project.milestones[0]
    milestone.state = MilestoneState.REWORK
    milestone.rework_until = milestone.due_at + 30 * DAY
    return Overdue(lead_of(project.bid), milestone.rework_until + DAY, "milestones.report")


def _opinion() -> Overdue:
    opinion = make_milestone_opinion(make_project(reported=True).milestones[0])
    expert = actor_of(opinion.reviewer.person)
    return Overdue(expert, opinion.due_at + DAY, "milestones.opinion")


def _tranche() -> Overdue:
    project = make_project(finished=True)
    tranche = project.tranches[0]
    tranche.state, tranche.due_at = TrancheState.DUE, project.started_at
    return Overdue(officer_of(project.challenge), project.ends_at + DAY, "funds.money")


def _end() -> Overdue:
    project = make_project(finished=True)
    return Overdue(lead_of(project.bid), project.ends_at + DAY, "acceptance.ask")


def _second_examination() -> Overdue:
    acceptance = make_acceptance(joint=Conclusion.REWORK)
    acceptance.state, acceptance.concluded_at = AcceptanceState.REWORK, acceptance.joint_at
    acceptance.again_by = acceptance.requested_at + 30 * DAY
    office = officer_of(acceptance.project.challenge)
    return Overdue(office, acceptance.again_by + DAY, "acceptance.shown")


def _year_after() -> Overdue:
    year = make_follow_up()
    return Overdue(lead_of(year.project.bid), year.due_at + DAY, "followups.year")


def _claim() -> Overdue:
    project = make_project()
    due = make_ending(project).claims[0].due_on
    moment = datetime.combine(due + DAY, time(12), PLACE)
    return Overdue(lead_of(project.bid), moment, "endings.shown")


def _gate() -> Overdue:
    lane = make_race()[0]
    gate = make_gate(lane)
    return Overdue(officer_of(lane.challenge), gate.due_at + DAY, "races.shown")


CASES: dict[str, Callable[[], Overdue]] = {
    "notices.window_ends_at": _notice,
    "objections.due_at": _objection,
    "contracts.sign_by": _contract,
    "milestones.due_at": _milestone,
    "milestones.rework_until": _rework,
    "milestone_opinions.due_at": _opinion,
    "tranches.due_at": _tranche,
    "projects.ends_at": _end,
    "acceptances.again_by": _second_examination,
    "follow_ups.due_at": _year_after,
    "claw_backs.due_on": _claim,
    "race_gates.due_at": _gate,
}
NEVER_LATE = frozenset({"tranches.due_at"})
"""Dates whose line on the desk stands there without them, and does not turn late."""
NOBODY_ACTS = frozenset({"milestone_reminders.due_at"})
"""What is noted of a date that stands elsewhere."""


def _dates() -> set[str]:
    return {
        f"{mapper.local_table.name}.{column.name}"
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(ROOMS)
        for column in mapper.columns
        if isinstance(column.type, DateTime | Date) and column.name.endswith(DATES)
    }


def test_every_date_of_the_back_half_has_a_case_or_is_known_to_have_none() -> None:
    assert _dates() == {*CASES, *NOBODY_ACTS}


@pytest.mark.parametrize("date", CASES)
def test_a_date_that_has_passed_stands_on_the_desk(session: Session, date: str) -> None:
    case = CASES[date]()
    session.flush()
    found = [i for i in to_do(session, case.actor, case.now) if i.endpoint == case.endpoint]
    assert found
    assert any(item.tone == "late" for item in found) is (date not in NEVER_LATE)
