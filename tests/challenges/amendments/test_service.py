"""From a draft to a sheet in force: four eyes, numbers, versions, deadlines, what is refused."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.amendments import drafting, queries, service, todo
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.models import Amendment, SheetVersion
from portal.challenges.amendments.rules import AmendmentKind, AmendmentState
from portal.challenges.amendments.versions import changed, facts_in, sheet_of
from portal.challenges.content import facts_of
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState, Operator
from portal.challenges.sheet import IndicatorFacts
from portal.core.access import Role
from portal.core.crypto import canonical, sha256
from portal.core.errors import (
    DomainError,
    IllegalMove,
    Invalid,
    InvalidInput,
    NotAllowed,
    NotFound,
    Overtaken,
)
from portal.core.money import FundSource
from portal.core.outbox import Event, Topic
from tests.factories.accounts import make_actor
from tests.factories.amendments import REASON, make_amendment, no_bids, officer_of
from tests.factories.challenges import make_challenge
from tests.refusal import refused

DAY = timedelta(days=1)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def fields(error: DomainError) -> list[str]:
    assert isinstance(error, InvalidInput)
    return [problem.field for problem in error.problems]


def numbers(session: Session, challenge: Challenge) -> list[int]:
    query = select(SheetVersion.number).where(SheetVersion.challenge_id == challenge.id)
    return list(session.scalars(query.order_by(SheetVersion.number)))


def approved(amendment: Amendment, now: datetime) -> Amendment:
    second = officer_of(amendment.challenge)
    return service.approve(second, amendment.id, service.stamp_of(amendment), no_bids, now)


def test_a_change_is_drafted_proposed_and_put_into_force_by_another(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    published = sheet_of(challenge)
    first, second = officer_of(challenge), officer_of(challenge)
    refused(NotAllowed, service.start, make_actor(Role.CITY_OFFICER), challenge.id, now)
    made = service.start(first, challenge.id, now)
    assert service.start(second, challenge.id, now).id == made.id, "one in the making"
    drafting.edit(second, made.id, {"months": 30, "title": "新题"}, 1, now)
    assert (challenge.months, challenge.title) == (24, published["title"])
    service.propose(first, made.id, f" {REASON} ", now)
    refused(NotAllowed, drafting.edit, first, made.id, {"months": 31}, 2, now)
    seen = service.stamp_of(made)
    for other in (first, make_actor(Role.CITY_OFFICER), make_actor(Role.BIDDER_LEAD)):
        refused(NotAllowed, service.approve, other, made.id, seen, no_bids, now)
    refused(Invalid, service.approve, second, made.id, "", no_bids, now)
    assert kinds(session)[-1] == Action.AMENDMENT_PROPOSED.value
    service.approve(second, made.id, seen, no_bids, now)
    session.expire_all()
    assert (challenge.months, challenge.title, challenge.amended) == (30, "新题", 1)
    assert (made.state, made.number, made.reason) == (AmendmentState.APPLIED, 1, REASON)
    assert made.is_material
    before, after = (queries.version(session, challenge.id, number) for number in (0, 1))
    assert before is not None
    assert after is not None
    assert before.sheet == published
    assert after.sheet == sheet_of(challenge)
    assert after.sheet_sha256 == sha256(canonical(after.sheet))
    entry = session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry is not None
    assert entry.kind == Action.CHALLENGE_AMENDED.value
    assert after.sheet_sha256 in str(entry.payload)
    event = session.scalars(select(Event)).one()
    facts = (Topic.CHALLENGE_AMENDED.value, {"amendment_id": str(made.id)})
    assert (event.topic, event.payload) == facts
    refused(NotAllowed, service.approve, second, made.id, seen, no_bids, now)


def test_amendments_are_numbered_and_each_version_is_kept(session: Session) -> None:
    challenge = make_challenge(published=True)
    for months in (30, 36):
        make_amendment(challenge, applied=True, months=months)
    assert [one.number for one in queries.in_force(session, challenge.id)] == [2, 1]
    assert numbers(session, challenge) == [0, 1, 2]
    last = queries.version(session, challenge.id, 2)
    assert last is not None
    assert last.sheet["months"] == 36


def test_the_sheet_survives_the_way_to_its_version_and_back(session: Session) -> None:
    challenge = make_challenge(published=True, trl_from=3, field="虚拟现实")
    sheet = sheet_of(challenge)
    assert not difference(sheet, changed(sheet, {}))
    kept = replace(facts_in(sheet), settings={})
    funds = {source: kept.funds[source] for source in facts_of(challenge).funds}
    assert replace(kept, funds=funds) == replace(facts_of(challenge), settings={})
    assert sum(kept.funds.values()) == sum(funds.values())


def test_indicators_that_stay_keep_their_ids_and_others_are_new(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    output, views = challenge.indicators
    ids = (output.id, views.id)
    facts = list(facts_of(challenge).indicators)
    stricter = replace(facts[1], value=Decimal(12))
    new = IndicatorFacts("时延", Operator.AT_MOST, Decimal(150), None, "ms", "实测", True)
    other_unit = replace(facts[0], unit="帧/分", value=Decimal(1800))
    make_amendment(challenge, applied=True, indicators=(stricter, new, facts[0]))
    session.expire_all()
    assert [row.name for row in challenge.indicators] == ["采集视点", "时延", "重建输出"]
    assert challenge.indicators[0].id == ids[1]
    assert challenge.indicators[0].value == 12
    assert challenge.indicators[2].id == ids[0]
    make_amendment(challenge, applied=True, indicators=(other_unit,))
    session.expire_all()
    assert [row.unit for row in challenge.indicators] == ["帧/分"]
    assert challenge.indicators[0].id not in ids, "a promise in another unit does not stand"


def test_money_rubric_and_rules_are_amended_as_well(session: Session) -> None:
    challenge = make_challenge(published=True)
    money = {FundSource.CITY: Decimal(7), FundSource.SOCIAL: Decimal(5)}
    make_amendment(challenge, applied=True, funds=money, settings={"winners": 2, "race": True})
    session.expire_all()
    kept = {fund.source: fund.amount for fund in challenge.funds if fund.amount}
    assert kept == money
    assert (challenge.rules.winners, challenge.rules.race) == (2, True)
    assert challenge.rules.pass_mark == Decimal(70)


def test_a_late_amendment_extends_the_deadline_and_one_in_good_time_does_not(
    session: Session, now: datetime
) -> None:
    late, early = (make_challenge(published=True, days=days) for days in (3, 30))
    moments = {one: one.closes_at for one in (late, early)}
    for challenge in (late, early):
        made = make_amendment(challenge, applied=True, contact_name="李工")
        session.expire_all()
        assert not made.is_material
        assert made.closed_before == moments[challenge]
        assert made.closes_at == challenge.closes_at
    assert early.closes_at == moments[early]
    assert late.closes_at is not None
    assert late.closes_at >= now + 15 * DAY


def test_the_deadline_counts_from_when_the_amendment_comes_into_force(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True, days=20)
    made = make_amendment(challenge, proposed=True)
    assert service.deadline_of(made, sheet_of(challenge), now) == challenge.closes_at
    approved(made, now + 10 * DAY)
    session.expire_all()
    assert challenge.closes_at is not None
    assert challenge.closes_at >= now + 25 * DAY


def test_nothing_wrong_is_drafted_and_nothing_incomplete_proposed(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    own = officer_of(challenge)
    made = service.start(own, challenge.id, now)
    refused(NotFound, drafting.edit, own, uuid4(), {"months": 30}, 1, now)
    assert challenge.closes_at is not None
    sooner = {"closes_at": challenge.closes_at - timedelta(minutes=1)}
    assert fields(refused(InvalidInput, drafting.edit, own, made.id, sooner, 1, now)) == [
        "closes_at"
    ]
    nothing = refused(InvalidInput, service.propose, own, made.id, "短", now)
    assert fields(nothing) == ["changes", "reason"]
    drafting.edit(own, made.id, {"criteria": (), "ip_terms": ""}, 1, now)
    wrong = refused(InvalidInput, service.propose, own, made.id, REASON, now)
    assert set(fields(wrong)) == {"criteria", "ip_terms"}
    assert made.state is AmendmentState.DRAFT


def test_a_colleagues_changes_are_not_overwritten_unawares(session: Session, now: datetime) -> None:
    made = make_amendment()
    own = officer_of(made.challenge)
    refused(Overtaken, drafting.edit, own, made.id, {"months": 12}, 1, now)
    drafting.edit(own, made.id, {"months": 12}, 2, now)
    assert made.sheet["months"] == 12


def test_what_was_given_back_and_proposed_anew_has_to_be_read_again(
    session: Session, now: datetime
) -> None:
    made = make_amendment(proposed=True)
    first, second = officer_of(made.challenge), officer_of(made.challenge)
    seen = service.stamp_of(made)
    refused(NotAllowed, service.give_back, make_actor(Role.CITY_OFFICER), made.id, "请改", now)
    service.give_back(second, made.id, " 请写明检测方法。 ", now)
    assert (made.state, made.remarks) == (AmendmentState.DRAFT, "请写明检测方法。")
    later = now + timedelta(minutes=1)
    service.propose(first, made.id, REASON, later)
    refused(Invalid, service.approve, second, made.id, seen, no_bids, later)
    service.approve(second, made.id, service.stamp_of(made), no_bids, later)


def test_a_dropped_amendment_leaves_the_challenge_as_it_is_and_makes_room(
    session: Session, now: datetime
) -> None:
    made = make_amendment(proposed=True)
    challenge, own = made.challenge, officer_of(made.challenge)
    refused(NotAllowed, service.drop, make_actor(Role.CITY_OFFICER), made.id, now)
    service.drop(own, made.id, now)
    session.expire_all()
    assert (challenge.months, challenge.amended) == (24, 0)
    refused(NotAllowed, service.drop, own, made.id, now)
    assert service.start(own, challenge.id, now).id != made.id


@pytest.mark.parametrize("state", [s for s in ChallengeState if s is not ChallengeState.PUBLISHED])
def test_only_an_open_challenge_is_amended(
    session: Session, now: datetime, state: ChallengeState
) -> None:
    challenge = make_challenge(published=True, state=state)
    own = officer_of(challenge)
    refused(NotAllowed, service.start, own, challenge.id, now)
    later = now + 60 * DAY
    refused(NotAllowed, service.extend, own, challenge.id, later, REASON, now)


def test_after_the_deadline_a_change_no_longer_comes_into_force(
    session: Session, now: datetime
) -> None:
    made = make_amendment(proposed=True)
    second, closes_at = officer_of(made.challenge), made.challenge.closes_at
    assert closes_at is not None
    seen = service.stamp_of(made)
    refused(NotAllowed, service.approve, second, made.id, seen, no_bids, closes_at)
    service.approve(second, made.id, seen, no_bids, closes_at - timedelta(seconds=1))


def test_an_extension_is_proposed_by_one_and_approved_by_another(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    own, before = officer_of(challenge), challenge.closes_at
    assert before is not None
    extend = service.extend
    stranger = make_actor(Role.CITY_OFFICER)
    refused(NotAllowed, extend, stranger, challenge.id, before + DAY, REASON, now)
    for wrong, why, at in (
        (before, REASON, ["closes_at"]),
        (before - DAY, REASON, ["closes_at"]),
        (None, "短", ["closes_at", "reason"]),
    ):
        assert fields(refused(InvalidInput, extend, own, challenge.id, wrong, why, now)) == at
    made = extend(own, challenge.id, before + DAY, REASON, now)
    refused(IllegalMove, extend, own, challenge.id, before + DAY, REASON, now)
    refused(NotAllowed, service.approve, own, made.id, service.stamp_of(made), no_bids, now)
    approved(made, now)
    session.expire_all()
    assert challenge.closes_at == before + DAY
    assert (made.kind, made.number, made.is_material) == (AmendmentKind.EXTENSION, 1, False)
    versions = [queries.version(session, challenge.id, number) for number in (0, 1)]
    sheets = [one.sheet for one in versions if one]
    assert difference(*sheets).names == {"closes_at"}


def test_after_the_deadline_only_too_few_bids_let_it_move(session: Session, now: datetime) -> None:
    challenge = make_challenge(published=True, days=1)
    first, second, after = officer_of(challenge), officer_of(challenge), now + 2 * DAY
    made = service.extend(first, challenge.id, after + DAY, REASON, after)
    seen = service.stamp_of(made)
    enough = refused(IllegalMove, service.approve, second, made.id, seen, lambda *_: 1, after)
    assert "Enough" in str(enough)
    service.approve(second, made.id, seen, no_bids, after)
    session.expire_all()
    assert challenge.closes_at is not None
    assert challenge.closes_at >= after + 15 * DAY, "as late as can be: the days remain"
    again = service.extend(first, challenge.id, challenge.closes_at + DAY, REASON, after)
    assert again.state is AmendmentState.PROPOSED


def test_before_the_deadline_nobody_counts_the_bids(session: Session, now: datetime) -> None:
    made = make_amendment(proposed=True)

    def count(*_: object) -> int:
        raise AssertionError("the number is nobody's business yet")

    second = officer_of(made.challenge)
    service.approve(second, made.id, service.stamp_of(made), count, now)


def test_the_database_refuses_the_same_eyes_twice_and_a_shorter_deadline(
    session: Session, now: datetime
) -> None:
    made = make_amendment(applied=True)
    session.commit()
    same, before = made.proposed_by, made.closed_before
    made.approved_by = same
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()
    session.rollback()
    made.closes_at = before - DAY
    with pytest.raises(IntegrityError, match="never_shortened"):
        session.flush()
    session.rollback()


def test_the_second_officer_finds_it_on_the_desk_and_the_first_does_not(
    session: Session, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    first, second = officer_of(challenge), officer_of(challenge)
    made = make_amendment(challenge, proposed=True, by=first)
    session.commit()
    assert [one.values for one in todo.open_items(session, second, now)] == [
        {"amendment_id": made.id}
    ]
    stranger = make_actor(Role.CITY_OFFICER)
    for other in (first, stranger, make_actor(Role.BIDDER_LEAD)):
        assert todo.open_items(session, other, now) == []
