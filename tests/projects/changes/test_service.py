"""A change from the request to the row that it changes, and all who may not."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, NotAllowed
from portal.core.files import FileStore, Upload
from portal.core.money import FundSource
from portal.notifications.models import InboxItem
from portal.projects.changes import queries, service
from portal.projects.changes.models import Change
from portal.projects.changes.rules import NEEDED, ChangeKind, ChangeState, Voice
from portal.projects.changes.standing import Wish
from portal.projects.contracts import checking, paper
from portal.projects.contracts.difference import difference
from portal.projects.contracts.document import blocks
from portal.projects.contracts.terms import Part
from portal.projects.models import Project
from portal.projects.rules import ProjectState, months_after
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.awards import lead_of, officer_of
from tests.factories.bids import PDF
from tests.factories.changes import WORDS, make_change
from tests.factories.contracts import make_contract
from tests.factories.projects import make_project
from tests.factories.reviews import make_reviewer, reviewer_actor


def ask(project: Project, wish: Wish, store: FileStore, now: datetime) -> Change:
    papers = [Upload(BytesIO(PDF), "说明.pdf")]
    return service.request_change(lead_of(project.bid), project.id, wish, papers, store, now)


def district_of(project: Project) -> Actor:
    name = project.challenge.call.cluster.district
    home = make_organisation(kind="government", level="district", district=name)
    return make_actor(Role.DISTRICT_OFFICER, organisation=home)


def test_an_extension_moves_what_is_still_to_be_shown_once(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project()
    officer, stranger = officer_of(project.challenge), make_actor(Role.BIDDER_LEAD)
    session.commit()
    end, due = project.ends_at, project.milestones[0].due_at
    wish = Wish(ChangeKind.TIME, WORDS, months=6)
    with pytest.raises(NotAllowed):
        service.request_change(stranger, project.id, wish, [], store, now)
    change = ask(project, wish, store, now)
    with pytest.raises(IllegalMove):
        ask(project, Wish(ChangeKind.TIME, WORDS, months=3), store, now)
    with pytest.raises(NotAllowed):
        service.answer_change(stranger, change.id, Voice.ISSUER, True, "", now)
    service.answer_change(officer, change.id, Voice.ISSUER, True, "", now)
    session.refresh(project)
    assert change.state is ChangeState.GRANTED
    assert project.ends_at == months_after(end, 6)
    assert project.milestones[0].due_at == months_after(due, 6)
    assert change.before == {"ends_at": end.isoformat()}
    with pytest.raises(Invalid):
        ask(project, Wish(ChangeKind.TIME, WORDS, months=3), store, now)


def test_money_moves_between_sources_when_both_levels_consent(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project()
    city, district = make_actor(Role.CITY_OFFICER), district_of(project)
    session.commit()
    held = {fund.source: fund.amount for fund in project.funds}
    public = next(one for one in held if one is FundSource.CITY)
    less, more = held[public] - 10_000, held[FundSource.ENTERPRISE] + 10_000
    amounts = {public.value: less, FundSource.ENTERPRISE.value: more}
    change = ask(project, Wish(ChangeKind.SOURCES, WORDS, amounts=amounts), store, now)
    with pytest.raises(NotAllowed):
        service.answer_change(city, change.id, Voice.DISTRICT, True, "", now)
    service.answer_change(city, change.id, Voice.CITY, True, "", now)
    assert change.state is ChangeState.REQUESTED
    assert change.id in [one.id for one in queries.waiting(session, district)]
    service.answer_change(district, change.id, Voice.DISTRICT, True, "", now)
    session.refresh(project)
    assert {fund.source: fund.amount for fund in project.funds} == {
        **held,
        public: less,
        FundSource.ENTERPRISE: more,
    }
    cut = sum((t.amount for t in project.tranches if t.source is public), Decimal(0))
    assert cut == less


def test_an_indicator_needs_an_experts_opinion_before_the_levels(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project()
    row = next(one for one in project.indicators if one.asked_value is not None)
    row.promised_value = (row.asked_value or Decimal(0)) * 2
    officer, district = officer_of(project.challenge), district_of(project)
    city, expert = make_actor(Role.CITY_OFFICER), make_reviewer()
    inside = make_reviewer(organisation=project.lead)
    session.commit()
    wish = Wish(ChangeKind.INDICATOR, WORDS, indicator=row.position, value=row.asked_value)
    change = ask(project, wish, store, now)
    with pytest.raises(IllegalMove):
        service.answer_change(city, change.id, Voice.CITY, True, "", now)
    with pytest.raises(Invalid):
        service.ask_expert(officer, change.id, inside.id, now)
    service.ask_expert(officer, change.id, expert.id, now)
    actor = reviewer_actor(expert)
    with pytest.raises(Invalid):
        service.answer_change(actor, change.id, Voice.EXPERT, False, "短", now)
    service.answer_change(actor, change.id, Voice.EXPERT, False, WORDS, now)
    assert change.state is ChangeState.REQUESTED
    service.answer_change(city, change.id, Voice.CITY, True, "", now)
    service.answer_change(district, change.id, Voice.DISTRICT, True, "", now)
    session.refresh(row)
    assert change.state is ChangeState.GRANTED
    assert row.promised_value == row.asked_value


def test_one_refusal_with_its_reason_ends_a_request(session: Session, now: datetime) -> None:
    project = make_project()
    change, officer = make_change(project), officer_of(project.challenge)
    session.commit()
    with pytest.raises(Invalid):
        service.answer_change(officer, change.id, Voice.ISSUER, False, "", now)
    service.answer_change(officer, change.id, Voice.ISSUER, False, WORDS, now)
    assert change.state is ChangeState.REFUSED
    with pytest.raises(IllegalMove):
        service.withdraw_change(lead_of(project.bid), change.id, now)


def test_nothing_is_asked_of_a_project_that_waits(
    session: Session, store: FileStore, now: datetime
) -> None:
    project = make_project(state=ProjectState.SUSPENDED)
    session.commit()
    with pytest.raises(IllegalMove):
        ask(project, Wish(ChangeKind.PEOPLE, WORDS, leader="赵工"), store, now)


def test_a_reminder_comes_once(session: Session, now: datetime) -> None:
    project = make_project()
    change, officer = make_change(project), officer_of(project.challenge)
    session.commit()
    for _ in range(2):
        service.tell_of_waiting(change.id, now)
    query = select(func.count()).where(InboxItem.person_id == officer.user_id)
    assert session.scalar(query) == 1


def test_every_change_in_force_is_a_version_of_the_contract_and_the_signed_one_stays(
    app: Flask, session: Session, store: FileStore, now: datetime
) -> None:
    contract = make_contract(signed=True)
    project, signed = contract.project, contract.version
    old, office = signed.terms, officer_of(project.challenge)
    city, district = make_actor(Role.CITY_OFFICER), district_of(project)
    levels = ((Voice.CITY, city), (Voice.DISTRICT, district))
    session.commit()
    assert old.leader
    costs = {row.category.value: row.amount for row in old.costs}
    kind, *_ = costs
    moved = {**costs, kind: costs[kind] - 1000, "travel": costs.get("travel", Decimal(0)) + 1000}
    money = {row.source.value: row.amount for row in old.money}
    cut = {**money, "city": money["city"] - 10_000, "enterprise": money["enterprise"] + 10_000}
    row, *_ = [one for one in project.indicators if one.asked_value is not None]
    value = (row.promised_value or Decimal(0)) + 1
    wishes = (
        Wish(ChangeKind.TIME, WORDS, months=2),
        Wish(ChangeKind.PEOPLE, WORDS, leader="赵工"),
        Wish(ChangeKind.PARTNER, WORDS, partners=("新加入的示例研究所",)),
        Wish(ChangeKind.BUDGET, WORDS, amounts=moved),
        Wish(ChangeKind.SOURCES, WORDS, amounts=cut),
        Wish(ChangeKind.INDICATOR, WORDS, indicator=row.position, value=value),
    )
    for number, wish in enumerate(wishes, start=2):
        change = ask(project, wish, store, now)
        if wish.kind is ChangeKind.INDICATOR:
            expert = make_reviewer()
            session.commit()
            service.ask_expert(office, change.id, expert.id, now)
            service.answer_change(reviewer_actor(expert), change.id, Voice.EXPERT, True, WORDS, now)
        asked = NEEDED[wish.kind]
        for voice, who in levels if Voice.CITY in asked else ((Voice.ISSUER, office),):
            service.answer_change(who, change.id, voice, True, "", now)
        assert (change.state, change.contract_number) == (ChangeState.GRANTED, number)
    session.expire_all()
    terms = contract.version.terms
    assert [one.month for one in terms.milestones] == [one.month + 2 for one in old.milestones]
    assert terms.leader == "赵工"
    partners = [one.name for one in terms.parties if one.part is Part.PARTNER]
    assert partners == project.partners == ["新加入的示例研究所"]
    assert {one.category.value: one.amount for one in terms.costs} == {
        key: amount for key, amount in moved.items() if amount
    }
    assert {one.source.value: one.amount for one in terms.money} == cut
    assert {(one.source, one.amount) for one in terms.tranches} == {
        (one.source, one.amount) for one in project.tranches
    }
    place = project.indicators.index(row)
    assert terms.indicators[place].promised_value == value
    assert (contract.number, contract.signed_number) == (7, 1)
    made = select(func.count()).where(Entry.kind == Action.CONTRACT_AMENDED.value)
    assert session.scalar(made) == len(wishes)
    for version, words in ((signed, "not the"), (contract.version, "with a change")):
        known = checking.known(session, version.fingerprint)
        assert known is not None
        assert words in known.told.text
    with app.test_request_context():
        before = contract.versions[0].terms
        whole = difference(before, terms)
        assert {one.label for one in whole.fields} >= {"项目负责人", "市级财政"}
        assert blocks(terms)
        assert paper.made(contract, "https://example.org").startswith(b"%PDF-")
