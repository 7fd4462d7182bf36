"""From the drawn text to the contract in force: each step, its refusals, twice and at once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
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
from portal.awards import queries as award_queries
from portal.awards import service as award_service
from portal.bids.rules import BidState
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import DeadlinePassed, IllegalMove, InvalidInput, NotAllowed, Overtaken
from portal.core.files import FileStore
from portal.core.money import PUBLIC_SOURCES
from portal.core.outbox import Event, Topic
from portal.notifications.models import InboxItem
from portal.projects import service as project_service
from portal.projects.contracts import checking, filing, paper, queries, rules, service, signing
from portal.projects.contracts.models import Confirmation, Contract
from portal.projects.contracts.rules import REMIND_BEFORE, ContractState
from portal.projects.contracts.terms import Part
from portal.projects.models import Project
from portal.projects.rules import ProjectState, months_after
from tests.factories.accounts import make_actor, make_organisation, make_person
from tests.factories.awards import WORDING, bids_of, make_notice
from tests.factories.changes import make_race
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
        milestones=(replace(plan[0], month=5, share=30), replace(plan[1], share=60)),
        acceptance_share=10,
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
        last = [one for one in project.tranches if one.source is source and one.at_acceptance]
        assert [one.planned_at for one in last] == [project.ends_at]


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


def next_day(contract: Contract, days: int = 20) -> date:
    return rules.last_day(contract.sign_by) + timedelta(days=days)


def test_a_lapsed_contract_gets_a_later_date_and_is_signed_after_all(
    session: Session, now: datetime
) -> None:
    contract = make_contract(frozen=True, at=now)
    office, end = actor_for(contract, Part.ISSUER), contract.sign_by
    first, until = rules.last_day(end), next_day(contract)
    service.lapse(contract.id, end)
    lead, extend = actor_for(contract, Part.LEAD), signing.extend
    refused(NotAllowed, extend, lead, contract.id, first, until, WHY, end)
    for day, why in ((first, WHY), (until, "短"), (next_day(contract, 40), WHY)):
        refused(InvalidInput, extend, office, contract.id, first, day, why, end)
    extend(office, contract.id, first, until, WHY, end)
    refused(Overtaken, extend, office, contract.id, first, until, WHY, end)
    assert (contract.state, contract.project.state) == (
        ContractState.NEGOTIATING,
        ProjectState.SIGNING,
    )
    assert (rules.last_day(contract.sign_by), contract.reminded_at) == (until, None)
    assert [(one.before, one.reason) for one in contract.extensions] == [(end, WHY)]
    service.freeze(office, contract.id, 1, end)
    for part in Part:
        confirm_as(contract, part, end)
    assert contract.project.state is ProjectState.ACTIVE
    assert kinds(session).count(Action.CONTRACT_EXTENDED.value) == 1
    refused(IllegalMove, extend, office, contract.id, until, next_day(contract), WHY, end)


def test_a_party_refuses_and_the_award_goes_to_the_next_in_order(
    session: Session, now: datetime
) -> None:
    project = make_project(state=ProjectState.SIGNING)
    contract = make_contract(frozen=True, project=project)
    office, partner = actor_for(contract, Part.ISSUER), actor_for(contract, Part.PARTNER)
    own, why = party(contract, Part.PARTNER).id, "本单位技术负责人已离职,无法按任务书投入。"
    confirm_as(contract, Part.OWNER, now)
    owner, owns = actor_for(contract, Part.OWNER), party(contract, Part.OWNER).id
    refused(NotAllowed, signing.refuse, owner, owns, why, now)
    refused(NotAllowed, signing.refuse, office, party(contract, Part.ISSUER).id, why, now)
    refused(DeadlinePassed, signing.refuse, partner, own, why, contract.sign_by)
    refused(IllegalMove, signing.go_to_next, office, contract.id, why, now)
    signing.refuse(partner, own, why, now)
    assert (contract.state, project.state) == (ContractState.REFUSED, ProjectState.LAPSED)
    assert [(one.party_id, one.reason) for one in contract.refusals] == [(own, why)]
    told = select(InboxItem.subject).where(InboxItem.person_id == office.user_id)
    assert any("refuses" in subject for subject in session.scalars(told))
    challenge, bid = project.challenge, project.bid
    _, second, *_ = bids_of(challenge)
    refused(NotAllowed, signing.go_to_next, partner, contract.id, why, now)
    signing.go_to_next(office, contract.id, why, now)
    assert challenge.state is ChallengeState.RANKED
    assert (bid.state, second.state) == (BidState.LOST, BidState.ELIGIBLE)
    refused(NotAllowed, signing.go_to_next, office, contract.id, why, now)
    day = rules.last_day(contract.sign_by)
    refused(NotAllowed, signing.extend, office, contract.id, day, next_day(contract), WHY, now)
    decide = partial(award_service.decide, office, challenge.id)
    refused(InvalidInput, decide, [bid.id], WORDING, now)
    notice = decide([second.id], WORDING, now)
    award_service.publish_notice(office, notice.id, notice.revision, now)
    assert notice.window_ends_at
    award_service.confirm(office, notice.id, notice.window_ends_at)
    project_service.start_projects(notice.id, notice.window_ends_at)
    codes = session.scalars(select(Project.code).order_by(Project.code)).all()
    assert codes == [f"{challenge.code}-P1", f"{challenge.code}-P2"]
    assert [one.kind.value for one in award_queries.earlier(session, challenge.id, notice)] == [
        "withdrawal",
        "award",
    ]


def test_the_other_winner_keeps_the_award_when_one_has_no_contract(
    session: Session, now: datetime
) -> None:
    lanes = make_race()
    first, other = lanes[0], lanes[1].bid
    first.state = ProjectState.LAPSED
    contract = make_contract(project=first)
    contract.state = ContractState.LAPSED
    session.commit()
    office, challenge = actor_for(contract, Part.ISSUER), first.challenge
    signing.go_to_next(office, contract.id, "牵头单位逾期未签任务书,经会议研究按排序递补。", now)
    case = award_queries.case(session, challenge)
    assert (case.kept, case.free) == ({other.id}, 1)
    third = bids_of(challenge)[2]
    refused(InvalidInput, award_service.decide, office, challenge.id, [other.id], WORDING, now)
    draft = award_service.decide(office, challenge.id, [third.id], WORDING, now)
    assert [place.bid_id for place in draft.winners] == [third.id]
    nobody = replace(WORDING, reason="其余方案不足以承担,本榜题不再增补揭榜单位。")
    draft = award_service.decide(office, challenge.id, [], nobody, now, draft.revision, True)
    award_service.publish_notice(office, draft.id, draft.revision, now)
    assert draft.window_ends_at
    award_service.confirm(office, draft.id, draft.window_ends_at)
    assert (challenge.state, other.state) == (ChallengeState.AWARDED, BidState.WON)
