"""Set up by its first code, each code once whoever comes at the same moment, paused, and reset by two."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import service as accounts
from portal.accounts.factor import entering, queries, resetting, service
from portal.accounts.factor.models import FactorReset, PendingSignIn, SecondFactor, WrongTry
from portal.accounts.factor.rules import CODE_TIME, PROOF_TIME, News
from portal.accounts.models import Person, SignInSession
from portal.accounts.queries import actor_of, signed_in_by
from portal.accounts.service import Browser
from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.core import clock, locking
from portal.core.access import SYSTEM, Actor, Role
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.core.outbox import Event, Topic
from portal.notifications import factor as news
from portal.notifications.mails.models import Mail
from portal.notifications.models import InboxItem
from tests.factories import factor as factory
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.factor import RECOVERY, SECRET, app_shows, make_factor
from tests.refusal import refused
from tests.threads import at_once

HERE = Browser("192.0.2.1", "a browser")
LONG = timedelta(hours=12)
WRONG = "not a code"


@pytest.fixture(autouse=True)
def one_moment(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test takes no time: its codes are those of its `now`, also when a period ends meanwhile."""
    monkeypatch.setattr(factory, "moment", lambda: now)


def password_typed(person: Person, now: datetime) -> str:
    """The token under which the sign-in waits."""
    entrance = accounts.sign_in(person.email, PASSWORD, LONG, HERE, now)
    assert entrance.waits
    return entrance.token


def protected(**facts: object) -> Person:
    person = make_person(Role.AUDITOR, **facts)
    make_factor(person)
    return person


def enter(token: str, typed: str, now: datetime) -> str:
    return entering.enter(token, typed, LONG, HERE, now)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Entry.kind).order_by(Entry.id)))


def told(session: Session) -> list[str]:
    events = session.scalars(select(Event).order_by(Event.id))
    return [event.payload["what"] for event in events if event.topic == Topic.FACTOR_CHANGED.value]


def test_it_counts_once_its_first_code_has_proven_it(session: Session, now: datetime) -> None:
    person = make_person(Role.AUDITOR)
    actor = actor_of(person)
    session.commit()
    here, elsewhere = (accounts.sign_in(person.email, PASSWORD, LONG, HERE, now) for _ in range(2))
    refused(Invalid, service.propose, actor, "wrong", now)
    service.propose(actor, PASSWORD, now)
    assert not accounts.sign_in(person.email, PASSWORD, LONG, HERE, now).waits
    factor = queries.proposed(session, person.id, now)
    assert factor is not None
    refused(Invalid, service.prove, actor, WRONG, here.token, now)
    codes = service.prove(actor, app_shows(factor.secret), here.token, now)
    assert len(codes) == 10
    assert accounts.sign_in(person.email, PASSWORD, LONG, HERE, now).waits
    assert signed_in_by(session, elsewhere.token) is None  # whoever else was in is out
    found = signed_in_by(session, here.token)
    assert found is not None
    assert found[1] == now
    assert told(session) == [News.SET_UP.value]
    assert kinds(session)[-2:] == [Action.FACTOR_SET_UP.value, Action.FACTOR_ASKED.value]
    refused(NotFound, service.prove, actor, app_shows(factor.secret, 1), here.token, now)


def test_a_proposal_lasts_half_an_hour_and_a_new_one_replaces_it(
    session: Session, now: datetime
) -> None:
    person = make_person(Role.AUDITOR)
    actor = actor_of(person)
    service.propose(actor, PASSWORD, now)
    first = session.scalars(select(SecondFactor.locked)).one()
    assert queries.proposed(session, person.id, now + PROOF_TIME) is None
    service.propose(actor, PASSWORD, now)
    assert session.scalars(select(SecondFactor.locked)).one() != first


def test_the_secret_is_locked_in_its_row_and_codes_are_kept_as_digests(
    session: Session, now: datetime
) -> None:
    person = protected()
    row = session.scalars(select(SecondFactor)).one()
    assert SECRET not in row.locked
    assert SECRET.hex().encode() not in row.locked
    moved = SecondFactor(person_id=person.id, locked=row.locked, proposed_at=now)
    session.add(moved)
    session.flush()
    with pytest.raises(locking.Locked):
        _ = moved.secret


def test_after_the_password_only_a_code_starts_the_session(session: Session, now: datetime) -> None:
    person = protected()
    token = password_typed(person, now)
    assert signed_in_by(session, token) is None
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
    started = enter(token, app_shows(), now)
    found = signed_in_by(session, started)
    assert found is not None
    assert (found[0].user_id, found[1]) == (person.id, now)
    refused(NotFound, enter, token, app_shows(later=1), now)
    assert kinds(session) == [Action.FACTOR_ASKED.value, Action.SIGNED_IN.value]


def test_a_code_holds_once_and_the_answer_is_the_same_as_for_a_wrong_one(
    session: Session, now: datetime
) -> None:
    person = protected()
    code = app_shows()
    enter(password_typed(person, now), code, now)
    again = password_typed(person, now)
    answers = {
        str(refused(Invalid, enter, again, typed, now)) for typed in (code, "000 000", WRONG)
    }
    assert len(answers) == 1
    enter(again, app_shows(later=1), now)


def test_a_recovery_code_holds_once_and_its_owner_is_told(session: Session, now: datetime) -> None:
    person, other = protected(), protected()
    refused(Invalid, enter, password_typed(other, now), f"{RECOVERY}0", now)
    enter(password_typed(person, now), f" {RECOVERY.upper()} ", now)
    assert told(session) == [News.CODE_USED.value]
    refused(Invalid, enter, password_typed(person, now), RECOVERY, now)
    enter(password_typed(other, now), RECOVERY, now)  # everybody has their own


def test_without_the_master_key_recovery_codes_still_sign_in_and_the_app_is_set_up_anew(
    session: Session, now: datetime
) -> None:
    person = make_person(Role.AUDITOR)
    make_factor(person).locked = b"locked under a key that is lost"
    enter(password_typed(person, now), RECOVERY, now)
    service.propose(actor_of(person), PASSWORD, now)
    factor = queries.proposed(session, person.id, now)
    assert factor is not None
    secret = factor.secret
    service.prove(actor_of(person), app_shows(secret), "", now)
    enter(password_typed(person, now), app_shows(secret, later=1), now)


def test_the_code_comes_within_five_minutes_of_the_password_and_from_an_active_account(
    session: Session, now: datetime
) -> None:
    person = protected()
    token = password_typed(person, now)
    refused(NotFound, enter, token, app_shows(), now + CODE_TIME)
    refused(NotFound, enter, "another token", app_shows(), now)
    person.active = False
    session.commit()
    refused(NotFound, enter, token, app_shows(), now)
    accounts.forget_old_sessions(now + CODE_TIME + timedelta(seconds=1))
    assert session.scalar(select(PendingSignIn.id)) is None


@pytest.mark.parametrize("typed", ["code", RECOVERY])
def test_the_same_code_at_the_same_moment_lets_one_in(
    app: Flask, session: Session, now: datetime, typed: str
) -> None:
    person = protected()
    session.commit()
    tokens = [password_typed(person, now) for _ in range(4)]
    text = app_shows() if typed == "code" else typed
    session.commit()
    outcomes = at_once(app, *(partial(enter, token, text, now) for token in tokens))
    assert outcomes.count(None) == 1
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_the_same_sign_in_is_entered_once(app: Flask, session: Session, now: datetime) -> None:
    token = password_typed(protected(), now)
    codes = [app_shows(), app_shows(later=1)]
    session.commit()
    outcomes = at_once(app, *(partial(enter, token, code, now) for code in codes))
    assert [type(outcome) for outcome in outcomes if outcome] == [NotFound]


def test_of_many_wrong_tries_at_once_five_are_taken_and_then_none(
    app: Flask, session: Session, now: datetime
) -> None:
    person = protected()
    token = password_typed(person, now)
    session.commit()
    refusals = at_once(app, *(partial(enter, token, WRONG, now) for _ in range(8)))
    assert all(isinstance(refusal, Invalid) for refusal in refusals)
    assert session.scalar(select(func.count()).select_from(WrongTry)) == 5
    assert told(session) == [News.TRIED.value]
    paused = refused(Invalid, enter, token, app_shows(), now)
    assert "in 5 minutes" in str(paused)
    refused(Invalid, service.propose, actor_of(person), PASSWORD, now)  # nor by another door
    later = now + timedelta(minutes=5)
    enter(password_typed(person, later), app_shows(later=10), later)


def test_codes_go_by_the_real_clock_when_that_of_the_demonstration_was_moved(
    session: Session,
) -> None:
    person = protected()
    clock.move(session, timedelta(days=8))
    later = clock.now(session)
    enter(password_typed(person, later), app_shows(), later)


def test_another_app_takes_over_when_it_has_shown_its_first_code(
    session: Session, now: datetime
) -> None:
    person = protected()
    actor = actor_of(person)
    service.propose(actor, PASSWORD, now)
    enter(password_typed(person, now), app_shows(), now)  # the old one holds until then
    factor = queries.proposed(session, person.id, now)
    assert factor is not None
    secret = factor.secret
    service.prove(actor, app_shows(secret), "", now)
    refused(Invalid, enter, password_typed(person, now), app_shows(later=1), now)
    refused(Invalid, enter, password_typed(person, now), RECOVERY, now)
    enter(password_typed(person, now), app_shows(secret, later=1), now)


def test_changes_ask_for_the_password_and_the_owner_is_told(
    session: Session, now: datetime
) -> None:
    person = protected()
    actor = actor_of(person)
    refused(Invalid, service.make_codes, actor, "wrong", now)
    codes = service.make_codes(actor, PASSWORD, now)
    refused(Invalid, enter, password_typed(person, now), RECOVERY, now)
    enter(password_typed(person, now), codes[3], now)
    refused(Invalid, service.remove, actor, "wrong", False, now)
    refused(NotAllowed, service.remove, actor, PASSWORD, True, now)
    service.remove(actor, PASSWORD, False, now)
    assert not accounts.sign_in(person.email, PASSWORD, LONG, HERE, now).waits
    refused(NotFound, service.remove, actor, PASSWORD, False, now)
    refused(NotFound, service.make_codes, actor, PASSWORD, now)
    expected = [News.CODES_MADE, News.CODE_USED, News.REMOVED]
    assert told(session) == [one.value for one in expected]
    assert kinds(session).count(Action.FACTOR_REFUSED.value) == 3


def test_the_owner_gets_mail_even_who_wants_none(session: Session, now: datetime) -> None:
    person = make_person(Role.AUDITOR, wants_mail=False)
    for _ in range(2):
        news.tell_of_factor(person.id, News.RESET, now)
    mail = session.scalars(select(Mail)).one()
    assert (mail.address, mail.subject) == (person.email, News.RESET.label)


def test_a_reset_that_waits_is_told_to_the_administrators(session: Session, now: datetime) -> None:
    person, one = make_person(Role.AUDITOR), make_person(Role.ADMINISTRATOR)
    news.tell_of_factor(person.id, News.RESET_ASKED, now)
    found = session.execute(select(InboxItem.person_id, InboxItem.url)).all()
    expected = {(person.id, "/account/second-factor"), (one.id, "/people/second-factors")}
    assert set(map(tuple, found)) == expected


def administrators() -> tuple[Actor, Actor]:
    return actor_of(make_person(Role.ADMINISTRATOR)), actor_of(make_person(Role.ADMINISTRATOR))


def test_two_administrators_reset_a_second_factor_and_one_alone_does_not(
    session: Session, now: datetime
) -> None:
    person = protected()
    one, two = administrators()
    token = enter(password_typed(person, now), app_shows(), now)
    waiting = password_typed(person, now)
    refused(NotAllowed, resetting.ask, actor_of(person), person.email, "lost", now)
    resetting.ask(one, person.email.upper(), "phone lost", now)
    refused(Invalid, resetting.ask, two, person.email, "again", now)
    reset = session.scalars(select(FactorReset)).one()
    for nobody in (one, actor_of(person), replace(two, user_id=person.id)):
        refused(NotAllowed, resetting.confirm, nobody, reset.id, now)
    assert queries.proven(session, person.id) is not None
    resetting.confirm(two, reset.id, now)
    assert signed_in_by(session, token) is None
    refused(NotFound, enter, waiting, app_shows(later=1), now)
    assert not accounts.sign_in(person.email, PASSWORD, LONG, HERE, now).waits
    refused(NotFound, resetting.confirm, two, reset.id, now)
    expected = [News.RESET_ASKED, News.RESET]
    assert told(session) == [one.value for one in expected]
    entries = session.scalars(select(Entry).where(Entry.kind.like("factor.reset%"))).all()
    assert [entry.actor_ref for entry in entries] == [str(one.user_id), str(two.user_id)]


def test_what_was_dismissed_leaves_everything_as_it_was(session: Session, now: datetime) -> None:
    person = protected()
    one, two = administrators()
    resetting.ask(one, person.email, "phone lost", now)
    reset = session.scalars(select(FactorReset)).one()
    refused(NotAllowed, resetting.dismiss, actor_of(person), reset.id, now)
    resetting.dismiss(two, reset.id, now)
    assert queries.proven(session, person.id) is not None
    assert queries.resets(session) == []


def test_nobody_resets_their_own_or_what_is_not_there(session: Session, now: datetime) -> None:
    one, _ = administrators()
    bare = make_person(Role.AUDITOR)
    own = make_factor(session.get_one(Person, one.user_id))
    for email in (one.email, bare.email, "nobody@example.org"):
        refused(Invalid, resetting.ask, one, email, "lost", now)
    facts = {"person_id": own.person_id, "asked_by_id": own.person_id}
    session.add(FactorReset(**facts, reason="lost", asked_at=now))
    with pytest.raises(IntegrityError, match="for_somebody_else"):
        session.flush()


def test_whoever_runs_the_machine_resets_alone_and_the_log_says_so(
    session: Session, now: datetime
) -> None:
    person = protected()
    refused(Invalid, resetting.reset_by_operator, "nobody@example.org", now)
    resetting.reset_by_operator(person.email, now)
    assert queries.proven(session, person.id) is None
    entry = session.scalars(select(Entry)).one()
    assert (entry.kind, entry.actor_ref) == (Action.FACTOR_RESET.value, str(SYSTEM.user_id))
    assert told(session) == [News.RESET.value]
