"""The ceremony: named, taken, proven, made; and what is refused on the way, and kept nowhere."""

from datetime import datetime, timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.queries import actor_of
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.keys import presence, queries, service
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import HOLDERS, PAUSE, TRIES, KeyState, ShareState
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound
from portal.core.sealing.errors import SameShare, TooFewShares, WrongShare
from portal.core.sealing.shares import printed, typed
from portal.notifications.models import InboxItem
from tests.factories.accounts import PASSWORD, make_actor, make_organisation, make_person
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.keys import SHARES, make_custodian, make_key, name_custodians
from tests.refusal import refused


def custodian(share: KeyShare) -> Actor:
    return actor_of(share.person)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def waiting() -> OpeningKey:
    return name_custodians(make_challenge(published=True, keyed=False))


def take(share: KeyShare, now: datetime) -> str:
    return service.take(custodian(share), share.id, PASSWORD, now)[0]


def test_with_the_third_proof_the_key_is_made_and_any_two_open(
    session: Session, now: datetime
) -> None:
    key = waiting()
    home = key.challenge_id
    refused(IllegalMove, queries.public_key, session, home)
    sheets = {}
    for share in key.shares:
        refused(NotAllowed, service.prove, custodian(share), share.id, "x", now)
        sheets[share.holder] = take(share, now)
        assert share.state is ShareState.TAKEN
        assert not queries.is_ready(session, home)
        service.prove(custodian(share), share.id, sheets[share.holder].lower(), now)
    assert queries.is_ready(session, home)
    assert len(queries.public_key(session, home)) == 32
    assert key.state is KeyState.READY
    taken_and_proven = [Action.SHARE_TAKEN.value, Action.SHARE_PROVEN.value]
    assert kinds(session) == [*taken_and_proven * 3, Action.OPENING_KEY_MADE.value]
    made = session.scalars(select(Entry).where(Entry.kind == Action.OPENING_KEY_MADE.value)).one()
    assert made.payload["sha256"] == key.sha256
    for pair in combinations(HOLDERS, 2):
        shares = {holder: typed(sheets[holder]) for holder in pair}
        with service.opened(session, home, shares) as private:
            assert private.public_key().public_bytes_raw() == key.public_key
    for share in key.shares:
        refused(NotAllowed, take, share, now)
        refused(NotAllowed, service.prove, custodian(share), share.id, "x", now)


def test_no_share_and_no_private_key_is_in_the_database(session: Session, now: datetime) -> None:
    key = waiting()
    sheets = [take(share, now) for share in key.shares]
    for share, sheet in zip(key.shares, sheets, strict=True):
        service.prove(custodian(share), share.id, sheet, now)
    with service.opened(
        session, key.challenge_id, {1: typed(sheets[0]), 2: typed(sheets[1])}
    ) as private:
        secrets = [private.private_bytes_raw(), *(bytes(typed(sheet)) for sheet in sheets)]
    session.commit()
    tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    for table in list(tables):
        dump = "\n".join(session.scalars(text(f'SELECT "{table}"::text FROM "{table}"')))
        for secret, sheet in zip(secrets, ["no sheet", *sheets], strict=True):
            assert secret.hex() not in dump, table
            assert sheet not in dump, table
            assert sheet.replace("-", "") not in dump, table


def test_a_sheet_that_was_printed_before_is_worth_nothing(session: Session, now: datetime) -> None:
    share = waiting().shares[0]
    old = take(share, now)
    mark = share.mark
    service.prove(custodian(share), share.id, old, now)
    new = take(share, now)
    assert share.state is ShareState.TAKEN
    assert share.proven_at is None
    assert share.mark != mark
    error = refused(Invalid, service.prove, custodian(share), share.id, old, now)
    assert error.message.text == service.OLD_SHEET
    service.prove(custodian(share), share.id, new, now)


def test_mistypings_are_named_by_group_and_are_no_wrong_tries(
    session: Session, now: datetime
) -> None:
    share = waiting().shares[1]
    groups = take(share, now).split("-")
    groups[4] = ("7" if groups[4][0] != "7" else "3") + groups[4][1:]  # one sign is always noticed
    error = refused(Invalid, service.prove, custodian(share), share.id, "-".join(groups), now)
    assert error.message.parameters == {"groups": "5"}
    refused(Invalid, service.prove, custodian(share), share.id, "ABC", now)
    assert share.wrong == 0


def test_wrong_tries_are_logged_and_pause_the_share(session: Session, now: datetime) -> None:
    share = waiting().shares[0]
    person = custodian(share)
    for _ in range(TRIES):
        error = refused(Invalid, service.take, person, share.id, "wrong", now)
        assert error.message.text == service.WRONG_PASSWORD
    assert kinds(session) == [Action.SHARE_REFUSED.value] * TRIES
    error = refused(Invalid, service.take, person, share.id, PASSWORD, now)
    assert error.message.parameters == {"minutes": 10}
    sheet = service.take(person, share.id, PASSWORD, now + PAUSE)[0]
    other = printed(bytes(32))
    for _ in range(TRIES):
        refused(Invalid, service.prove, person, share.id, other, now + PAUSE)
    refused(Invalid, service.prove, person, share.id, sheet, now + PAUSE)
    service.prove(person, share.id, sheet, now + 2 * PAUSE)
    assert share.wrong == 0


def test_a_share_is_its_custodians_alone(session: Session, now: datetime) -> None:
    key = waiting()
    share = key.shares[1]
    colleague = actor_of(make_custodian(2, organisation=share.organisation))
    others = [colleague, custodian(key.shares[0]), custodian(key.shares[2]), make_actor()]
    others += [make_actor(role) for role in Role]
    for person in others:
        refused(NotAllowed, service.take, person, share.id, PASSWORD, now)
        refused(NotAllowed, service.prove, person, share.id, "x", now)
        refused(NotFound, queries.own_share, session, person, share.id)
    refused(NotFound, service.take, custodian(share), uuid4(), PASSWORD, now)
    assert queries.own_share(session, custodian(share), share.id) is share
    take(share, now)


def test_who_left_the_body_holds_no_share_of_it(session: Session, now: datetime) -> None:
    share = waiting().shares[2]
    share.person.memberships[0].organisation = make_organisation()
    session.flush()
    refused(NotAllowed, take, share, now)


def test_shares_are_taken_from_publishing_until_the_deadline(
    session: Session, now: datetime
) -> None:
    key = name_custodians(make_challenge())
    share = key.shares[0]
    refused(NotAllowed, take, share, now)
    key.challenge.state, key.challenge.published_at = ChallengeState.PUBLISHED, now
    assert key.challenge.closes_at is not None
    refused(NotAllowed, take, share, key.challenge.closes_at)
    take(share, now)


def choice(challenge: Challenge) -> dict[int, object]:
    issuer = make_custodian(1, organisation=challenge.call.issuer)
    return {1: issuer.id, 2: make_custodian(2).id, 3: make_custodian(3).id}


def test_officers_choose_the_custodians_and_may_hand_a_share_on(
    session: Session, now: datetime
) -> None:
    draft = make_challenge()
    officer = actor_of(make_officer(draft))
    chosen = choice(draft)
    refused(NotAllowed, service.name, make_actor(Role.CITY_OFFICER), draft.id, chosen, now)
    refused(NotFound, service.name, officer, uuid4(), chosen, now)
    key = service.name(officer, draft.id, chosen, now)
    assert {share.holder: share.person_id for share in key.shares} == chosen
    assert session.scalars(select(InboxItem.person_id)).all() == []
    draft.state, draft.published_at = ChallengeState.PUBLISHED, now
    session.commit()
    sheets = {share.holder: take(share, now) for share in key.shares}
    service.prove(custodian(key.by_holder[3]), key.by_holder[3].id, sheets[3], now)
    other = make_custodian(2).id
    service.name(officer, draft.id, {**chosen, 2: other}, now)
    states = {share.holder: share.state for share in key.shares}
    assert states == {1: ShareState.TAKEN, 2: ShareState.NAMED, 3: ShareState.PROVEN}
    assert key.by_holder[2].person_id == other
    assert other in session.scalars(select(InboxItem.person_id)).all()
    before = kinds(session)
    service.name(officer, draft.id, {**chosen, 2: other}, now)
    assert kinds(session) == before
    service.prove(custodian(key.by_holder[1]), key.by_holder[1].id, sheets[1], now)
    service.prove(
        custodian(key.by_holder[2]), key.by_holder[2].id, take(key.by_holder[2], now), now
    )
    assert key.state is KeyState.READY
    refused(NotAllowed, service.name, officer, draft.id, chosen, now)


def test_custodians_are_of_the_three_bodies(session: Session, now: datetime) -> None:
    draft = make_challenge()
    officer = actor_of(make_officer(draft))
    good = choice(draft)
    wrong = {
        "issuer": make_custodian(1).id,  # of another body
        "audit": make_custodian(3).id,
        "escrow": make_person(Role.BIDDER_LEAD).id,
    }
    for holder, body in HOLDERS.items():
        error = refused(
            InvalidInput, service.name, officer, draft.id, {**good, holder: wrong[body.value]}, now
        )
        assert [problem.field for problem in error.problems] == [body.value]
    for holder in HOLDERS:
        refused(InvalidInput, service.name, officer, draft.id, {**good, holder: None}, now)
    service.name(officer, draft.id, good, now)


@pytest.mark.parametrize("column", ["person_id", "organisation_id", "holder"])
def test_the_database_refuses_the_same_twice(session: Session, column: str) -> None:
    key = waiting()
    setattr(key.shares[1], column, getattr(key.shares[0], column))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_late_custodians_and_the_officers_are_told_once(session: Session, now: datetime) -> None:
    key = waiting()
    officer = make_officer(key.challenge)
    day = timedelta(hours=24)
    service.prove(custodian(key.shares[0]), key.shares[0].id, take(key.shares[0], now), now)
    assert queries.to_remind(session, now) == []
    later = now + day + timedelta(seconds=1)
    assert queries.to_remind(session, later) == [key.challenge_id]
    service.tell_late_custodians(key.challenge_id, later)
    service.tell_late_custodians(key.challenge_id, later)
    told = list(session.scalars(select(InboxItem.person_id)))
    late = [share.person_id for share in key.shares[1:]]
    assert told.count(officer.id) == 2
    assert [told.count(person) for person in late] == [1, 1]
    for share in key.shares[1:]:
        service.prove(custodian(share), share.id, take(share, later), later)
    assert queries.to_remind(session, later) == []
    service.tell_late_custodians(key.challenge_id, later)


def test_shares_that_do_not_open_are_told_apart(session: Session, now: datetime) -> None:
    challenge = make_challenge(published=True)
    cases = [
        (TooFewShares, {1: SHARES[1]}),
        (SameShare, {1: SHARES[1], 2: SHARES[1]}),
        (WrongShare, {1: SHARES[1], 2: SHARES[3]}),
        (WrongShare, {1: SHARES[1], 4: SHARES[3]}),
        (WrongShare, {1: SHARES[1], 2: bytes(32)}),
        (WrongShare, {1: SHARES[1], 2: b""}),
    ]
    for error, shares in cases:
        with pytest.raises(error), service.opened(session, challenge.id, shares):
            pass
    other = make_challenge(published=True, keyed=False)
    with pytest.raises(IllegalMove), service.opened(session, other.id, SHARES):
        pass
    first, second = make_key(other), queries.key_of(session, challenge.id)
    assert second is not None
    for mine, its in zip(first.shares, second.shares, strict=True):
        mine.kept, its.kept = its.kept, mine.kept
    session.flush()
    with pytest.raises(WrongShare), service.opened(session, other.id, SHARES):
        pass


def test_a_custodian_is_present_who_knows_the_own_password(session: Session) -> None:
    key = name_custodians(make_challenge())
    first, second = key.shares[0], key.shares[1]
    second.person.password_hash = "$argon2id$none"
    third = key.shares[2].person
    typed_in = dict.fromkeys(HOLDERS, PASSWORD)
    assert presence.absent(session, key.challenge_id, typed_in) == [second.holder]
    third.active = False
    session.flush()
    assert presence.absent(session, key.challenge_id, typed_in) == [2, 3]
    assert presence.absent(session, key.challenge_id, {first.holder: ""}) == [1]
    assert presence.absent(session, key.challenge_id, {4: PASSWORD}) == [4]
    assert presence.absent(session, uuid4(), {1: PASSWORD}) == [1]
