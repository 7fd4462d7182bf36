"""The way into the pool and out of it."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Role
from portal.core.errors import IllegalMove, Invalid, NotAllowed
from portal.notifications.models import InboxItem
from portal.reviews.pool import queries, service
from portal.reviews.pool.models import Absence, Reviewer
from portal.reviews.pool.rules import PoolState, Stratum
from portal.reviews.pool.service import Expertise
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.reviews import make_reviewer, reviewer_actor
from tests.refusal import refused
from tests.threads import at_once

KNOWN = Expertise(Stratum.INDUSTRY, "教授", ("52020",), ("三维重建",), "做过十年", 6)


def logged(session: Session) -> list[str]:
    query = select(Entry.kind).where(Entry.kind.startswith("reviewer.")).order_by(Entry.id)
    return list(session.scalars(query))


def test_an_expert_is_proposed_by_one_officer_and_approved_by_another(
    session: Session, now: datetime
) -> None:
    home, person = make_organisation(), make_person(Role.REVIEWER)
    officer, colleague = make_actor(Role.CITY_OFFICER), make_actor(Role.DISTRICT_OFFICER)
    refused(
        NotAllowed, service.propose, make_actor(Role.AUDITOR), person.email, home.name, KNOWN, now
    )
    made = service.propose(officer, person.email, home.name, KNOWN, now)
    assert (made.state, made.proposed_by) == (PoolState.PROPOSED, officer.user_id)
    assert queries.available(session, now) == []
    refused(NotAllowed, service.approve, officer, made.id, now)
    service.approve(colleague, made.id, now)
    assert (made.state, made.approved_by) == (PoolState.ACTIVE, colleague.user_id)
    assert (made.disciplines, made.keywords, made.max_load) == (["52020"], ["三维重建"], 6)
    assert queries.available(session, now) == [made]
    refused(IllegalMove, service.approve, colleague, made.id, now)
    assert logged(session) == [Action.REVIEWER_PROPOSED.value, Action.REVIEWER_ADDED.value]
    told = select(func.count()).select_from(InboxItem).where(InboxItem.person_id == person.id)
    assert session.scalar(told) == 1


def test_an_expert_asks_to_be_taken_and_any_officer_approves(
    session: Session, now: datetime
) -> None:
    home, person = make_organisation(), make_person(Role.REVIEWER)
    expert = make_actor(Role.REVIEWER)
    refused(NotAllowed, service.propose_oneself, make_actor(Role.PARTNER), home.name, KNOWN, now)
    made = service.propose_oneself(expert, home.name, KNOWN, now)
    assert (made.person_id, made.proposed_by) == (expert.user_id, expert.user_id)
    service.approve(make_actor(Role.CITY_OFFICER), made.id, now)
    assert made.state is PoolState.ACTIVE
    assert person.id != made.person_id


@pytest.mark.parametrize(
    ("email", "home", "field"),
    [
        ("bidder@example.org", "专家单位", "email"),
        ("nobody@example.org", "专家单位", "email"),
        ("expert@example.org", "无此单位", "organisation"),
        ("known@example.org", "专家单位", "email"),
    ],
)
def test_a_proposal_that_cannot_be_is_told_at_its_field(
    session: Session, now: datetime, email: str, home: str, field: str
) -> None:
    make_organisation(name="专家单位")
    make_person(Role.REVIEWER, email="expert@example.org")
    make_person(Role.BIDDER_LEAD, email="bidder@example.org")
    make_reviewer().person.email = "known@example.org"
    officer = make_actor(Role.CITY_OFFICER)
    refusal = refused(Invalid, service.propose, officer, email, home, KNOWN, now)
    assert isinstance(refusal, Invalid)
    assert refusal.field == field
    assert session.scalar(select(func.count()).select_from(Reviewer)) == 1


def test_an_expert_proposed_by_two_officers_at_once_is_in_the_pool_once(
    app: Flask, session: Session, now: datetime
) -> None:
    home, person = make_organisation(), make_person(Role.REVIEWER)
    facts = (person.email, home.name, KNOWN, now)
    officers = [make_actor(Role.CITY_OFFICER) for _ in range(2)]
    session.commit()
    acts = [lambda who=who: service.propose(who, *facts) for who in officers]
    outcomes = at_once(app, *acts)
    assert sorted(type(one).__name__ for one in outcomes) == ["Invalid", "NoneType"]
    assert session.scalar(select(func.count()).select_from(Reviewer)) == 1


def test_an_expert_rests_returns_is_removed_and_proposed_again(
    session: Session, now: datetime
) -> None:
    made = make_reviewer()
    expert, officer = reviewer_actor(made), make_actor(Role.CITY_OFFICER)
    service.rest(expert, made.id, "出国访问一年", now)
    assert (made.state, made.reason) == (PoolState.RESTING, "出国访问一年")
    assert queries.available(session, now) == []
    refused(NotAllowed, service.rest, make_actor(Role.REVIEWER), made.id, "别人的事情", now)
    refused(NotAllowed, service.come_back, make_actor(Role.REVIEWER), made.id, now)
    service.come_back(expert, made.id, now)
    assert (made.state, made.reason) == (PoolState.ACTIVE, "")
    refused(NotAllowed, service.remove, expert, made.id, "自己不能移除", now)
    service.remove(officer, made.id, "多次不按期评审", now)
    assert (made.state, made.reason) == (PoolState.REMOVED, "多次不按期评审")
    refused(IllegalMove, service.come_back, officer, made.id, now)
    home = made.organisation
    again = service.propose(officer, made.person.email, home.name, KNOWN, now)
    assert (again.id, again.state, again.reason) == (made.id, PoolState.PROPOSED, "")
    assert (again.approved_by, again.keywords) == (None, ["三维重建"])


def test_who_is_away_that_day_is_not_available(session: Session, now: datetime) -> None:
    home, away = make_reviewer(), make_reviewer()
    day = (now + timedelta(days=10)).date()
    away.absences.append(Absence(since=day, until=day + timedelta(days=2)))
    session.commit()

    def free(days: int) -> set[object]:
        at = datetime.combine(day, datetime.min.time(), now.tzinfo) + timedelta(days=days)
        return {one.id for one in queries.available(session, at)}

    assert free(-1) == free(3) == {home.id, away.id}
    assert free(0) == free(1) == free(2) == {home.id}


def test_a_day_of_absence_is_beijings(session: Session, now: datetime) -> None:
    away = make_reviewer()
    evening = now.replace(hour=15, minute=59, second=59)
    away.absences.append(Absence(since=evening.date(), until=evening.date()))
    session.commit()
    assert queries.available(session, evening) == []
    assert queries.available(session, evening + timedelta(seconds=1)) == [away]


def test_whose_account_is_closed_is_not_available(session: Session, now: datetime) -> None:
    closed = make_reviewer()
    closed.person.active = False
    session.commit()
    assert queries.available(session, now) == []
