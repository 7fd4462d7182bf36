"""From the drawn text to the contract in force: each step, its refusals, twice and at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.accounts.rules import Level
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core.access import Actor, Role
from portal.core.errors import DeadlinePassed, IllegalMove, InvalidInput, NotAllowed, Overtaken
from portal.core.files import FileStore
from portal.core.money import PUBLIC_SOURCES
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.projects import service as project_service
from portal.projects.contracts import checking, filing, paper, queries, service
from portal.projects.contracts.models import Confirmation, Contract
from portal.projects.contracts.rules import REMIND_BEFORE, ContractState
from portal.projects.contracts.terms import Part
from portal.projects.models import Project
from portal.projects.rules import ProjectState, months_after
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.awards import make_notice
from tests.factories.contracts import actor_for, later, make_contract, party, with_value
from tests.factories.projects import make_project
from tests.projects.test_concurrency import at_once
from tests.refusal import refused

WHY = "经双方协商调整进度安排。"


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def confirm_as(contract: Contract, part: Part, now: datetime) -> None:
    service.confirm(
        actor_for(contract, part), party(contract, part).id, contract.version.fingerprint, now
    )


def test_a_winner_gets_a_contract_drawn_from_its_bid(session: Session, now: datetime) -> None:
    notice = make_notice(confirmed=True)
    session.commit()
    for _ in range(2):
        project_service.start_projects(notice.id, now)
    project = session.scalars(select(Project)).one()
    contract = queries.current(session, project.id)
    assert contract is not None
    assert project.state is ProjectState.SIGNING
    assert [one.part for one in contract.parties] == [Part.ISSUER, Part.LEAD, Part.PARTNER]
    terms, bid = contract.version.terms, project.version.terms
    assert [row.promised_value for row in terms.indicators] == [
        promise.value for promise in bid.promises
    ]
    assert [(row.month, row.share) for row in terms.milestones] == [
        (row.month, row.share) for row in bid.milestones
    ]
    assert terms.bid_commit == project.version.commit
    assert contract.version.fingerprint == terms.fingerprint


def test_the_last_party_to_confirm_begins_the_project(session: Session, now: datetime) -> None:
    contract = make_contract(at=now)
    project, parts = contract.project, [one.part for one in contract.parties]
    assert parts == [Part.ISSUER, Part.LEAD, Part.PARTNER, Part.OWNER]
    service.freeze(actor_for(contract, Part.ISSUER), contract.id, 1, now)
    signed = now + timedelta(days=3)
    for part in parts[:-1]:
        confirm_as(contract, part, signed)
        confirm_as(contract, part, signed)  # twice is once
    assert contract.state is ContractState.FROZEN
    assert project.state is ProjectState.SIGNING
    confirm_as(contract, parts[-1], signed)
    assert (contract.state, project.state) == (ContractState.SIGNED, ProjectState.ACTIVE)
    assert project.started_at == contract.signed_at == signed
    for row in project.milestones:
        assert row.due_at == months_after(signed, row.month)
    written = kinds(session)
    assert written.count(Action.CONTRACT_CONFIRMED.value) == 4
    assert written.count(Action.CONTRACT_SIGNED.value) == 1
    topics = select(func.count()).where(Event.topic == Topic.CONTRACT_SIGNED.value)
    assert session.scalar(topics) == 1


def test_a_change_is_a_new_version_and_voids_what_was_confirmed(
    session: Session, now: datetime
) -> None:
    contract = make_contract(frozen=True)
    first = contract.version.fingerprint
    confirm_as(contract, Part.OWNER, now)
    lead = actor_for(contract, Part.LEAD)
    service.propose_change(lead, contract.id, 1, later(contract.version.terms), WHY, now)
    assert (contract.number, contract.state) == (2, ContractState.NEGOTIATING)
    assert contract.versions[0].fingerprint == first != contract.version.fingerprint
    assert party(contract, Part.OWNER).confirmation is None
    voided = session.scalars(select(Confirmation)).one()
    assert (voided.fingerprint, voided.voided_at) == (first, now)
    service.freeze(actor_for(contract, Part.ISSUER), contract.id, 2, now)
    owner = actor_for(contract, Part.OWNER)
    refused(Overtaken, service.confirm, owner, party(contract, Part.OWNER).id, first, now)
    confirm_as(contract, Part.OWNER, now)
    assert party(contract, Part.OWNER).confirmation is not None


def test_who_may_do_what(session: Session, now: datetime) -> None:
    contract = make_contract()
    new, partner = later(contract.version.terms), actor_for(contract, Part.PARTNER)
    refused(NotAllowed, service.propose_change, partner, contract.id, 1, new, WHY, now)
    lead = actor_for(contract, Part.LEAD)
    refused(NotAllowed, service.freeze, lead, contract.id, 1, now)
    refused(Overtaken, service.propose_change, lead, contract.id, 0, new, WHY, now)
    same = contract.version.terms
    refused(InvalidInput, service.propose_change, lead, contract.id, 1, same, WHY, now)
    fingerprint = contract.version.fingerprint
    own = party(contract, Part.LEAD).id
    refused(IllegalMove, service.confirm, lead, own, fingerprint, now)  # not frozen yet
    service.freeze(actor_for(contract, Part.ISSUER), contract.id, 1, now)
    for stranger in (partner, make_actor(Role.BIDDER_LEAD), make_actor(Role.AUDITOR)):
        refused(NotAllowed, service.confirm, stranger, own, fingerprint, now)
    service.confirm(lead, own, fingerprint, now)


def district_officer(contract: Contract) -> Actor:
    district = contract.project.challenge.call.cluster.district
    home = make_organisation(district=district, level=Level.DISTRICT, kind="government", uscc=None)
    return make_actor(Role.DISTRICT_OFFICER, organisation=home)


def test_an_easier_target_waits_for_city_and_district(session: Session, now: datetime) -> None:
    project = make_project(state=ProjectState.SIGNING)
    project.indicators[0].promised_value = Decimal(40)  # of at least 30 that are asked
    contract = make_contract(project=project)
    bid, office = contract.version.terms, actor_for(contract, Part.ISSUER)
    below = with_value(bid, 0, Decimal(29))
    refused(InvalidInput, service.propose_change, office, contract.id, 1, below, WHY, now)
    service.propose_change(office, contract.id, 1, with_value(bid, 0, Decimal(35)), WHY, now)
    refused(IllegalMove, service.freeze, office, contract.id, 2, now)
    for _ in range(2):
        service.consent(office, contract.id, 2, Level.CITY, now)
    refused(IllegalMove, service.freeze, office, contract.id, 2, now)
    refused(NotAllowed, service.consent, office, contract.id, 2, Level.DISTRICT, now)
    service.consent(district_officer(contract), contract.id, 2, Level.DISTRICT, now)
    service.freeze(office, contract.id, 2, now)
    assert contract.state is ContractState.FROZEN
    assert kinds(session).count(Action.CONTRACT_CONSENTED.value) == 2


def test_the_signed_terms_become_the_projects_rows(session: Session, now: datetime) -> None:
    contract = make_contract()
    project, terms = contract.project, contract.version.terms
    plan = terms.milestones
    negotiated = replace(
        with_value(terms, 0, Decimal(45)),
        milestones=(replace(plan[0], month=5, share=30), replace(plan[1], share=70)),
    )
    sums = {fund.source: fund.amount for fund in project.funds}
    service.propose_change(actor_for(contract, Part.LEAD), contract.id, 1, negotiated, WHY, now)
    service.freeze(actor_for(contract, Part.ISSUER), contract.id, 2, now)
    for one in Part:
        confirm_as(contract, one, now)
    assert project.indicators[0].promised_value == Decimal(45)
    assert project.milestones[0].month == 5
    for source in PUBLIC_SOURCES & set(sums):
        amounts = [one.amount for one in project.tranches if one.source is source]
        assert sum(amounts) == sums[source]
        assert amounts[0] * 10 == sums[source] * 3


def test_two_confirming_at_once_begin_the_project_once(
    app: Flask, session: Session, now: datetime
) -> None:
    contract = make_contract(frozen=True)
    confirm_as(contract, Part.ISSUER, now)
    confirm_as(contract, Part.LEAD, now)
    fingerprint = contract.version.fingerprint
    home = party(contract, Part.OWNER)
    second = make_person(Role.PARTNER, organisation=home.organisation)
    acts = [
        partial(service.confirm, who, what, fingerprint, now)
        for who, what in (
            (actor_for(contract, Part.PARTNER), party(contract, Part.PARTNER).id),
            (actor_for(contract, Part.OWNER), home.id),
            (actor_of(second), home.id),
        )
    ]
    session.commit()
    assert at_once(app, *acts) == [None, None, None]
    session.expire_all()
    assert contract.state is ContractState.SIGNED
    assert session.scalar(select(func.count()).select_from(Confirmation)) == 4
    assert kinds(session).count(Action.CONTRACT_SIGNED.value) == 1


def test_what_is_not_signed_by_its_date_lapses_and_nobody_signs_it_late(
    session: Session, now: datetime
) -> None:
    contract = make_contract(frozen=True, at=now)
    end = contract.sign_by
    lead, own = actor_for(contract, Part.LEAD), party(contract, Part.LEAD).id
    fingerprint = contract.version.fingerprint
    session.commit()
    assert queries.to_remind(session, end - REMIND_BEFORE - timedelta(seconds=1)) == []
    assert queries.to_remind(session, end - REMIND_BEFORE) == [contract.id]
    for _ in range(2):
        service.tell_late_parties(contract.id, end - REMIND_BEFORE)
        service.lapse(contract.id, end - timedelta(seconds=1))
    assert queries.to_remind(session, end - REMIND_BEFORE) == []
    reminded = select(func.count()).where(InboxItem.person_id == lead.user_id)
    assert session.scalar(reminded) == 1
    assert contract.state is ContractState.FROZEN
    refused(DeadlinePassed, service.confirm, lead, own, fingerprint, end)
    assert queries.to_lapse(session, end) == [contract.id]
    for _ in range(2):
        service.lapse(contract.id, end)
    assert contract.state is ContractState.LAPSED
    assert contract.project.state is ProjectState.LAPSED
    assert kinds(session).count(Action.CONTRACT_LAPSED.value) == 1
    refused(IllegalMove, service.confirm, lead, own, fingerprint, now)


def test_a_signed_contract_does_not_lapse(session: Session, now: datetime) -> None:
    contract = make_contract(signed=True, at=now)
    session.commit()
    assert queries.to_lapse(session, contract.sign_by) == []
    service.lapse(contract.id, contract.sign_by)
    assert contract.state is ContractState.SIGNED


def test_the_database_keeps_versions_as_they_are(session: Session) -> None:
    contract = make_contract()
    session.commit()
    for statement in (
        "UPDATE contract_versions SET document = '{}'",
        "DELETE FROM contract_versions",
        "UPDATE contracts SET state = 'signed'",
    ):
        with pytest.raises(DBAPIError):
            session.execute(text(statement))
        session.rollback()
    assert contract.version.terms.number == contract.project.code


def test_the_paper_is_kept_once_and_its_code_is_known(
    session: Session, now: datetime, store: FileStore
) -> None:
    contract = make_contract(signed=True)
    fingerprint = contract.version.fingerprint
    made = partial(paper.made, base_url="https://example.org")
    session.commit()
    for _ in range(2):
        filing.file_paper(contract.id, made, store, now)
    assert contract.file is not None
    kept = store.open(contract.file.sha256).read()
    assert kept.startswith(b"%PDF-1.7")
    assert b"pdfaid" in kept
    assert kinds(session).count(Action.CONTRACT_FILED.value) == 1
    known = checking.known(session, fingerprint)
    assert known is not None
    assert known.at == contract.signed_at
    assert contract.project.code in str(known.told)
    assert checking.known(session, "0" * 64) is None
    assert checking.known(session, make_contract(frozen=True).version.fingerprint) is None
