"""Yearly reports: when they come, what they keep, who is reminded, and what they add up to."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.errors import IllegalMove, InvalidInput, NotAllowed, TooEarly
from portal.projects.followups import queries, rules, service, todo
from portal.projects.followups.rules import EARLY, NOTHING, Figures
from portal.projects.rules import ProjectState
from tests.factories.acceptances import WORDS, make_follow_up
from tests.factories.awards import lead_of, officer_of
from tests.factories.projects import make_entry
from tests.projects.test_service import kinds, news
from tests.refusal import refused

TOLD = Figures(Decimal(1200000), Decimal(3000000), 2, 15, 1)
BETTER = Figures(Decimal(1500000), Decimal(3000000), 3, 15, 2)


def test_the_sum_of_figures_is_what_each_of_them_sums_to() -> None:
    assert rules.total([]) == NOTHING
    assert rules.total([TOLD, BETTER]) == Figures(Decimal(2700000), Decimal(6000000), 5, 30, 3)


@pytest.mark.parametrize(
    ("state", "before", "figures", "earlier", "reason", "error"),
    [
        (ProjectState.ACTIVE, timedelta(0), TOLD, 0, "", IllegalMove),
        (ProjectState.ACCEPTED, EARLY + timedelta(seconds=1), TOLD, 0, "", TooEarly),
        (ProjectState.ACCEPTED, EARLY, TOLD, 1, "短", InvalidInput),
        (ProjectState.ACCEPTED, EARLY, replace(TOLD, jobs=-1), 0, "", InvalidInput),
    ],
)
def test_what_bars_a_yearly_report(
    now: datetime,
    state: ProjectState,
    before: timedelta,
    figures: Figures,
    earlier: int,
    reason: str,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        rules.require_report(state, now + before, earlier, figures, reason, now)
    rules.require_report(ProjectState.ACCEPTED, now + EARLY, 0, TOLD, "", now)


def test_a_correction_keeps_the_old_report(session: Session, now: datetime) -> None:
    year = make_follow_up()
    lead, officer = lead_of(year.project.bid), officer_of(year.project.challenge)
    session.commit()
    report = service.report
    refused(NotAllowed, report, officer, year.id, TOLD, "", "", now)
    report(lead, year.id, TOLD, "", "", now)
    refused(InvalidInput, report, lead, year.id, BETTER, "", "短", now)
    report(lead, year.id, BETTER, "", WORDS, now)
    session.refresh(year)
    assert [one.figures for one in year.reports] == [TOLD, BETTER]
    assert [one.reason for one in year.reports] == ["", WORDS]
    assert queries.added_up(session) == (1, BETTER)
    assert kinds(session) == ["follow_up.reported"] * 2
    assert news(session, officer.user_id) == 2


def test_the_lead_is_reminded_and_the_office_told_each_once(
    session: Session, now: datetime
) -> None:
    year = make_follow_up(due_at=now + timedelta(days=20))
    lead, officer = lead_of(year.project.bid), officer_of(year.project.challenge)
    session.commit()
    assert queries.to_remind(session, now - timedelta(days=20)) == []
    for _ in range(2):
        service.remind(year.id, now)
    assert (news(session, lead.user_id), news(session, officer.user_id)) == (1, 0)
    assert queries.to_remind(session, now) == []
    late = now + timedelta(days=21)
    assert queries.to_remind(session, late) == [year.id]
    for _ in range(2):
        service.remind(year.id, late)
    assert (news(session, lead.user_id), news(session, officer.user_id)) == (2, 1)
    assert [one.tone for one in todo.open_items(session, officer, late)] == ["late"]
    assert [one.tone for one in todo.open_items(session, lead, now)] == ["waiting"]
    service.report(lead, year.id, TOLD, "", "", late)
    assert todo.open_items(session, lead, late) == []


def test_the_registry_adds_up_what_was_reported(
    client: FlaskClient, session: Session, sign_in, now: datetime
) -> None:
    entry = make_entry()
    year = make_follow_up(entry.project)
    lead = session.get_one(Person, entry.project.bid.started_by)
    session.commit()
    assert 'id="after"' not in client.get("/registry").text
    sign_in(client, lead)
    path = f"/follow-ups/{year.id}"
    typed = {"revenue": "120", "investment": "300", "patents": "2", "jobs": "15", "sites": "1"}
    assert client.post(path, data={**typed, "jobs": "-1"}).status_code == 422
    assert client.post(path, data=typed).status_code == 303
    page = client.post(path, data={**typed, "jobs": "16", "reason": "短"})
    assert page.status_code == 422
    assert "短" in page.text
    assert client.get(f"/projects/{entry.project.code}/after").status_code == 200
    client.post("/sign-out")
    for path in ("/registry", f"/registry/{entry.number}"):
        page = client.get(path)
        assert 'id="after"' in page.text
        assert "120.00" in page.text
