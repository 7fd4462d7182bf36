"""From the lead's request to the conclusion: who may, what is needed, and what is left behind."""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.errors import (
    DeadlinePassed,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.core.outbox import Topic
from portal.projects import course
from portal.projects.acceptance import concluding, examining, queries, requesting
from portal.projects.acceptance.models import Acceptance
from portal.projects.acceptance.requesting import Claimed, Request
from portal.projects.acceptance.rules import (
    AcceptanceState,
    Conclusion,
    PaperKind,
    Standing,
    Verdict,
)
from portal.projects.course import Step
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from portal.reviews.conflicts.models import Conflict
from portal.reviews.conflicts.rules import ConflictKind, ConflictSource
from tests.factories.acceptances import WORDS, make_acceptance
from tests.factories.accounts import make_actor
from tests.factories.awards import lead_of, officer_of
from tests.factories.bids import PDF
from tests.factories.projects import make_project
from tests.factories.reviews import make_reviewer, reviewer_of
from tests.projects.test_service import kinds, news, topics
from tests.refusal import refused


def told(project: Project, **facts: Any) -> Request:
    """A request with all that is needed."""
    claims = [Claimed(row.promised.value, Verdict.MET, "") for row in project.indicators]
    papers = {kind: Upload(BytesIO(PDF), f"{kind.value}.pdf") for kind in PaperKind}
    values = {"summary": WORDS, "tester": "检测中心", "claims": claims, "papers": papers}
    return Request(**{**values, "spent": {}, **facts})


def test_the_lead_requests_and_hands_in_again_what_was_returned(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(finished=True)
    lead, officer = lead_of(project.bid), officer_of(project.challenge)
    ask = requesting.request
    refused(NotAllowed, ask, officer, project.id, told(project), store, now)
    refused(InvalidInput, ask, lead, project.id, told(project, papers={}), store, now)
    own = project.lead.name
    refused(InvalidInput, ask, lead, project.id, told(project, tester=own), store, now)
    too_much = {FundSource.CITY: Decimal(1)}
    refused(InvalidInput, ask, lead, project.id, told(project, spent=too_much), store, now)
    made = ask(lead, project.id, told(project), store, now)
    assert (made.attempt, made.state) == (1, AcceptanceState.REQUESTED)
    assert {paper.kind for paper in made.papers} == set(PaperKind)
    assert [claim.verdict for claim in made.claims] == [Verdict.MET] * len(project.indicators)
    refused(IllegalMove, ask, lead, project.id, told(project), store, now)

    refused(NotAllowed, examining.send_back, lead, made.id, WORDS, now)
    refused(Invalid, examining.send_back, officer, made.id, "短", now)
    examining.send_back(officer, made.id, WORDS, now)
    again = ask(lead, project.id, told(project, papers={}), store, now)
    assert again.id == made.id
    assert len(again.papers) == len(PaperKind)
    examining.find_complete(officer, made.id, now)
    refused(IllegalMove, examining.send_back, officer, made.id, WORDS, now)
    assert kinds(session).count("acceptance.requested") == 2


def test_a_project_with_an_open_milestone_is_not_examined(
    session: Session, now: datetime, store: FileStore
) -> None:
    project = make_project(reported=True)
    refused(
        IllegalMove, requesting.request, lead_of(project.bid), project.id, told(project), store, now
    )


def test_experts_are_odd_in_number_free_of_conflicts_and_led(
    client: FlaskClient, session: Session, now: datetime, sign_in: Any
) -> None:
    acceptance = make_acceptance(examined=True)
    project = acceptance.project
    officer, people = officer_of(project.challenge), [make_reviewer() for _ in range(4)]
    keys = [one.id for one in people]
    name = examining.name_experts
    tied = Conflict(
        reviewer_id=keys[3],
        challenge_id=project.challenge_id,
        kind=ConflictKind.KIN,
        source=ConflictSource.DECLARED,
        evidence={"reason": "亲属关系"},
        since=now,
    )
    session.add(tied)
    session.commit()
    refused(NotAllowed, name, lead_of(project.bid), acceptance.id, keys[:3], keys[0], now)
    for wrong, chair in ((keys[:2], keys[0]), (keys, keys[0]), (keys[:3], keys[3])):
        refused(Invalid, name, officer, acceptance.id, wrong, chair, now)
    refused(Invalid, name, officer, acceptance.id, [*keys[:2], keys[3]], keys[0], now)
    offered = [one.id for one in queries.candidates(session, acceptance, now)]
    assert set(keys[:3]) <= set(offered)
    assert keys[3] not in offered
    sign_in(client, session.get_one(Person, officer.user_id))
    sent = {"experts": [str(key) for key in keys[:3]], "chair": ""}
    path = f"/acceptances/{acceptance.id}/experts"
    assert client.post(path, data=sent).status_code == 422
    assert client.post(path, data={**sent, "chair": str(keys[0])}).status_code == 303
    session.refresh(acceptance)
    refused(IllegalMove, name, officer, acceptance.id, keys[:3], keys[1], now)
    assert [one.is_chair for one in acceptance.sitting] == [True, False, False]
    assert news(session, people[0].person_id) == 1


def test_opinions_follow_the_measurements_and_the_joint_one_all_of_them(
    session: Session, now: datetime
) -> None:
    acceptance = make_acceptance(named=True)
    project = acceptance.project
    chair, second, third = (reviewer_of(one) for one in acceptance.experts)
    give, joint = examining.give_opinion, examining.give_joint
    stranger = make_actor(Role.REVIEWER)
    refused(NotAllowed, give, stranger, acceptance.id, Conclusion.PASS, WORDS, now)
    row, met = project.indicators[0], project.indicators[0].met
    row.met = None
    session.commit()
    refused(IllegalMove, give, chair, acceptance.id, Conclusion.PASS, WORDS, now)
    row.met = met
    session.commit()
    for expert in (chair, second):
        give(expert, acceptance.id, Conclusion.PASS, WORDS, now)
    refused(IllegalMove, joint, chair, acceptance.id, Conclusion.PASS, WORDS, now)
    refused(IllegalMove, examining.step_back, second, acceptance.id, WORDS, now)
    give(third, acceptance.id, Conclusion.REWORK, WORDS, now)
    refused(NotAllowed, joint, second, acceptance.id, Conclusion.PASS, WORDS, now)
    joint(chair, acceptance.id, Conclusion.PASS, WORDS, now)
    assert acceptance.standing is Standing.CONCLUDING
    refused(IllegalMove, give, third, acceptance.id, Conclusion.PASS, WORDS, now)


def test_who_steps_back_is_replaced(session: Session, now: datetime) -> None:
    acceptance = make_acceptance(named=True)
    officer = officer_of(acceptance.project.challenge)
    chair = acceptance.experts[0]
    leaver = reviewer_of(chair)
    examining.step_back(leaver, acceptance.id, WORDS, now)
    assert acceptance.standing is Standing.NAMING
    refused(NotAllowed, examining.give_opinion, leaver, acceptance.id, Conclusion.PASS, WORDS, now)
    other, left = make_reviewer(), chair.reviewer_id
    sitting = [one.reviewer_id for one in acceptance.sitting]
    again = [*sitting, left]
    refused(Invalid, examining.name_experts, officer, acceptance.id, again, sitting[0], now)
    examining.name_experts(officer, acceptance.id, [*sitting, other.id], sitting[0], now)
    assert acceptance.standing is Standing.JUDGING


def concluding_one(**facts: Any) -> tuple[Acceptance, Project]:
    """An acceptance on which the experts agree that it passes."""
    acceptance = make_acceptance(joint=Conclusion.PASS, **facts)
    return acceptance, acceptance.project


def test_a_project_passes_with_a_certificate_and_three_years_to_come(
    session: Session, now: datetime
) -> None:
    acceptance, project = concluding_one()
    officer, lead = officer_of(project.challenge), lead_of(project.bid)
    close = concluding.pass_project
    refused(NotAllowed, close, lead, acceptance.id, WORDS, WORDS, now)
    refused(Invalid, close, officer, acceptance.id, "同意", WORDS, now)
    refused(Invalid, close, officer, acceptance.id, WORDS, "", now)
    row = project.indicators[0]
    promised, asked = row.measured_value, row.asked_value
    assert asked is not None
    row.measured_value = asked - 1
    session.commit()
    refused(IllegalMove, close, officer, acceptance.id, WORDS, WORDS, now)
    row.measured_value = promised
    session.commit()
    close(officer, acceptance.id, WORDS, WORDS, now)
    assert project.state is ProjectState.ACCEPTED
    assert topics(session) == [Topic.PROJECT_ACCEPTED.value]
    assert acceptance.certificate is not None
    assert [one["verdict"] for one in acceptance.certificate["indicators"]] == ["met", "met"]
    assert len(acceptance.fingerprint or "") == 64
    session.refresh(project)
    assert [(one.year, one.due_at.year - now.year) for one in project.follow_ups] == [
        (1, 1),
        (2, 2),
        (3, 3),
    ]
    assert news(session, lead.user_id) == 1
    refused(IllegalMove, close, officer, acceptance.id, WORDS, WORDS, now)


def test_no_officer_passes_what_the_experts_do_not(session: Session, now: datetime) -> None:
    acceptance = make_acceptance(joint=Conclusion.REWORK)
    officer = officer_of(acceptance.project.challenge)
    refused(IllegalMove, concluding.pass_project, officer, acceptance.id, WORDS, WORDS, now)
    bare, project = concluding_one(recorded=False)
    officer = officer_of(project.challenge)
    refused(IllegalMove, concluding.pass_project, officer, bare.id, WORDS, WORDS, now)


def test_a_project_is_improved_once_within_two_months(
    client: FlaskClient, session: Session, now: datetime, store: FileStore, sign_in: Any
) -> None:
    acceptance, project = concluding_one()
    officer, lead = officer_of(project.challenge), lead_of(project.bid)
    again, fail = concluding.ask_rework, concluding.fail_project
    for date in (now, now + timedelta(days=70)):
        refused(Invalid, again, officer, acceptance.id, WORDS, WORDS, date, now)
    by = now + timedelta(days=30)
    again(officer, acceptance.id, WORDS, WORDS, by, now)
    assert project.state is ProjectState.ACTIVE
    refused(IllegalMove, fail, officer, acceptance.id, WORDS, WORDS, by)
    for _ in range(2):
        assert acceptance.id in queries.to_remind(session, by) or acceptance.reminded_at
        examining.remind_of_rework(acceptance.id, by)
    assert queries.to_remind(session, by) == []
    late = by + timedelta(seconds=1)
    refused(DeadlinePassed, requesting.request, lead, project.id, told(project), store, late)
    sign_in(client, session.get_one(Person, lead.user_id))
    page = client.get(f"/projects/{project.code}/acceptance/request").text
    assert acceptance.summary in page
    assert page.count(f"/acceptances/{acceptance.id}/files/") == len(PaperKind)
    test = {PaperKind.TEST: Upload(BytesIO(PDF), "again.pdf")}
    second = requesting.request(lead, project.id, told(project, papers=test), store, by)
    assert second.attempt == 2
    first = {paper.kind: paper.file_id for paper in acceptance.papers}
    changed = [one.kind for one in second.papers if one.file_id != first[one.kind]]
    assert (len(second.papers), changed) == (len(PaperKind), [PaperKind.TEST])
    refused(IllegalMove, fail, officer, acceptance.id, WORDS, WORDS, late)
    second.state, second.joint = AcceptanceState.EXAMINED, Conclusion.REWORK
    session.commit()
    refused(IllegalMove, again, officer, second.id, WORDS, WORDS, late + timedelta(days=1), late)
    fail(officer, second.id, WORDS, WORDS, late)
    assert project.state is ProjectState.FAILED
    assert topics(session) == [Topic.PROJECT_FAILED.value]


def test_what_was_not_improved_in_time_has_failed(
    client: FlaskClient, session: Session, now: datetime, sign_in: Any
) -> None:
    acceptance, project = concluding_one()
    officer = officer_of(project.challenge)
    by = now + timedelta(days=30)
    concluding.ask_rework(officer, acceptance.id, WORDS, WORDS, by, now)
    late = by + timedelta(seconds=1)
    sign_in(client, session.get_one(Person, officer.user_id))
    path = f"/projects/{project.code}/acceptance"
    assert 'name="verdict"' not in client.get(path).text
    assert Step.IMPROVE in course.steps_of(project, now)
    assert Step.OVERDUE in course.steps_of(project, late)
    acceptance.again_by = now - timedelta(days=1)
    session.commit()
    assert 'type="hidden" name="verdict" value="fail"' in client.get(path).text
    acceptance.again_by = by
    session.commit()
    refused(Invalid, concluding.fail_project, officer, acceptance.id, WORDS, "", late)
    concluding.fail_project(officer, acceptance.id, WORDS, WORDS, late)
    assert (acceptance.state, project.state) == (AcceptanceState.FAILED, ProjectState.FAILED)


def test_surplus_of_public_money_goes_back_once(session: Session, now: datetime) -> None:
    acceptance, project = concluding_one()
    officer, give_back = officer_of(project.challenge), concluding.record_surplus
    public = next(one for one in acceptance.lines if one.source is FundSource.CITY)
    own = next(one for one in acceptance.lines if one.source is FundSource.ENTERPRISE)
    public.received = own.received = Decimal(5)
    session.commit()
    refused(IllegalMove, give_back, officer, public.id, "V-1", now)
    concluding.fail_project(officer, acceptance.id, WORDS, WORDS, now)
    refused(NotFound, give_back, officer, project.id, "V-1", now)
    refused(IllegalMove, give_back, officer, own.id, "V-1", now)
    refused(Invalid, give_back, officer, public.id, " ", now)
    give_back(officer, public.id, "V-1", now)
    refused(IllegalMove, give_back, officer, public.id, "V-2", now)


@pytest.mark.parametrize(
    "facts",
    [
        {"attempt": 3},
        {"state": AcceptanceState.FAILED},
        {"state": AcceptanceState.REWORK},
    ],
    ids=["third", "concluded without a date", "rework without a date"],
)
def test_the_database_refuses_what_must_never_be(
    session: Session, facts: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        make_acceptance(recorded=False, **facts)
    session.rollback()
