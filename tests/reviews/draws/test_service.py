"""A draw from its commitment to the replacement of who declines; nobody draws again."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from portal.audit.models import Entry
from portal.audit.rules import Action
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor, Role
from portal.core.errors import IllegalMove, Invalid, InvalidInput, NotAllowed, NotFound, TooEarly
from portal.core.outbox import Event, Topic
from portal.core.workdays import PLACE
from portal.reviews.draws import giving, queries, rules, service
from portal.reviews.draws.freezing import Plan, freeze
from portal.reviews.draws.models import Draw
from portal.reviews.draws.record import aliases_of
from portal.reviews.draws.rules import DrawState, SourceKind
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum
from portal.reviews.rounds import answers
from portal.reviews.rounds import service as rounds
from tests.factories.accounts import make_actor, make_organisation
from tests.factories.awards import officer_of
from tests.factories.bids import make_bid
from tests.factories.challenges import make_challenge
from tests.factories.conflicts import make_conflict
from tests.factories.draws import PHRASES, give, make_frozen, make_present, sealed
from tests.factories.reviews import (
    make_review_challenge,
    make_reviewer,
    make_round,
    reviewer_of,
    seats_of,
)
from tests.refusal import refused
from tests.threads import at_once

WHY = "名册漏登了两位专家,须重新冻结。"


def entries(session: Session, action: Action) -> list[dict[str, str]]:
    query = select(Entry.payload).where(Entry.kind == action.value).order_by(Entry.id)
    return [dict(row or {}) for row in session.scalars(query)]


@pytest.fixture
def challenge(session: Session) -> Challenge:
    """Three seats, four experts of as many organisations."""
    made = make_review_challenge()
    for _ in range(4):
        make_reviewer()
    session.commit()
    return made


def test_the_portal_commits_to_a_secret_once_when_a_challenge_is_published(
    session: Session, now: datetime
) -> None:
    published, draft = make_challenge(published=True), make_challenge()
    session.commit()
    assert queries.to_commit(session) == [published.id]
    made = service.commit(published.id, now)
    assert made is not None
    assert (made.number, made.state) == (1, DrawState.COMMITTED)
    assert made.commitment == rules.commitment(bytes.fromhex(made.secret))
    assert made.secret.encode() not in (made.locked_secret or b"")
    assert service.commit(published.id, now) is None
    assert service.commit(draft.id, now) is None
    assert queries.to_commit(session) == []
    (told,) = entries(session, Action.DRAW_COMMITTED)
    assert told == {"number": "1", "commitment": made.commitment}


def test_two_workers_commit_to_one_secret(app: Flask, session: Session, now: datetime) -> None:
    key = make_challenge(published=True).id
    session.commit()
    at_once(app, *[lambda: service.commit(key, now)] * 2)
    assert session.scalar(select(func.count()).select_from(Draw)) == 1


def plan(present: list[Actor], kind: SourceKind = SourceKind.PHRASES, **more: Any) -> Plan:
    return Plan(kind, [one.user_id for one in present], **more)


def test_the_pool_is_frozen_once_by_the_issuing_body_with_two_who_are_present(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present = make_present()
    officer, stranger = officer_of(challenge), make_actor(Role.CITY_OFFICER)
    session.commit()
    refused(NotAllowed, freeze, stranger, challenge.id, plan(present), now)
    refused(NotAllowed, freeze, present[0], challenge.id, plan(present), now)
    for few in (present[:1], [present[0], officer], [present[0], present[0]]):
        assert refused(Invalid, freeze, officer, challenge.id, plan(few), now).field == "present"
    draw = freeze(officer, challenge.id, plan(present), now)
    assert (draw.state, draw.named) == (DrawState.FROZEN, ["phrase"])
    assert draw.pool_hash == rules.pool_hash(draw.pool)
    assert len(draw.homes) == 4
    told = entries(session, Action.DRAW_FROZEN)[0]
    assert (told["pool"], told["named"]) == (draw.pool_hash, "phrase")
    assert told["present"] == "auditor auditor"
    refused(NotAllowed, freeze, officer, challenge.id, plan(present), now)


def test_a_pool_that_is_too_small_is_not_frozen(session: Session, now: datetime) -> None:
    challenge, home = make_review_challenge(), make_organisation()
    for _ in range(3):
        make_reviewer(home)  # one organisation, so one seat
    make_reviewer()
    officer, present = officer_of(challenge), make_present()
    session.commit()
    refusal = refused(IllegalMove, freeze, officer, challenge.id, plan(present), now)
    assert refusal.message.parameters == {
        "stratum": Stratum.TECHNICAL,
        "wanted": 3,
        "found": 2,
    }
    assert session.scalar(select(Draw.id)) is None
    challenge.settings = {**challenge.settings, "seats_finance": 1}
    make_reviewer()
    session.commit()
    refusal = refused(IllegalMove, freeze, officer, challenge.id, plan(present), now)
    assert refusal.message.parameters["stratum"] is Stratum.FINANCE
    make_reviewer(stratum=Stratum.FINANCE)
    session.commit()
    assert freeze(officer, challenge.id, plan(present), now).mix["finance"] == 1


def test_no_pool_is_frozen_before_the_formal_check_is_over(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    officer, present = officer_of(challenge), make_present()
    make_bid(opened=True, challenge=challenge)
    session.commit()
    refusal = refused(IllegalMove, freeze, officer, challenge.id, plan(present), now)
    assert "cannot begin yet" in str(refusal)
    closed = make_challenge(published=True)
    refused(NotAllowed, freeze, officer_of(closed), closed.id, plan(present), now)


def test_who_has_a_conflict_stands_in_the_frozen_pool_with_the_reason_and_is_never_drawn(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    barred = make_reviewer(challenge.call.issuer)
    kin = make_reviewer()
    make_conflict(kin, challenge)
    present = make_present()
    draw = make_frozen(challenge, present, now)
    assert draw.pool is not None
    salt = bytes.fromhex(draw.salt)
    assert sorted(draw.pool["excluded"]) == sorted(
        [
            [rules.alias(salt, barred.id), "technical", ["issuer"]],
            [rules.alias(salt, kin.id), "technical", ["kin"]],
        ]
    )
    drawn = give(challenge, present, now)
    names = set(drawn.orders["technical"])
    assert len(names) == 4
    assert names.isdisjoint({row[0] for row in draw.pool["excluded"]})


def test_phrases_are_bound_by_all_before_one_is_shown_and_the_last_one_draws(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present, stranger = make_present(), make_present(1)[0]
    first, second = present
    draw = make_frozen(challenge, present, now)
    refused(NotAllowed, giving.bind, stranger, challenge.id, PHRASES[0], "", now)
    refused(NotAllowed, giving.show, first, challenge.id, PHRASES[0], now)
    for phrase, print_, field in (
        ("太短", "", "phrase"),
        ("", "", "phrase"),
        ("", "xyz", "fingerprint"),
        (PHRASES[0], "a" * 64, "fingerprint"),
    ):
        wrong = refused(Invalid, giving.bind, first, challenge.id, phrase, print_, now)
        assert wrong.field == field
    giving.bind(first, challenge.id, f" {PHRASES[0]} ", "", now)
    refused(NotAllowed, giving.bind, first, challenge.id, "再想一句更好的口令来换", "", now)
    refused(NotAllowed, giving.show, first, challenge.id, PHRASES[0], now)
    same = refused(Invalid, giving.bind, second, challenge.id, PHRASES[0], "", now)
    assert same.field == "phrase"
    kept = session.scalars(text("SELECT draw_parties::text FROM draw_parties")).all()
    assert not any(PHRASES[0] in row for row in kept)
    giving.bind(second, challenge.id, "", rules.fingerprint(PHRASES[1]).upper(), now)
    refused(TooEarly, giving.show, first, challenge.id, PHRASES[0], now)
    sealed(now)
    wrong = refused(Invalid, giving.show, first, challenge.id, PHRASES[1], now)
    assert wrong.field == "phrase"
    draw = giving.show(first, challenge.id, PHRASES[0], now)
    assert (draw.state, draw.outcome) == (DrawState.BOUND, None)
    refused(NotAllowed, giving.show, first, challenge.id, PHRASES[0], now)
    draw = giving.show(second, challenge.id, PHRASES[1], now)
    assert draw.state is DrawState.DRAWN
    sources = [["phrase", "auditor", PHRASES[0]], ["phrase", "auditor", PHRASES[1]]]
    seed = rules.seed_of(challenge.id, 1, draw.pool_hash or "", bytes.fromhex(draw.secret), sources)
    assert draw.outcome is not None
    assert (draw.outcome["seed"], draw.outcome["sources"]) == (seed.hex(), sources)
    assert draw.orders["technical"] == rules.permutation(seed, "technical", draw.homes)
    assert entries(session, Action.REVIEWERS_DRAWN)[0]["seed"] == seed.hex()


def test_nothing_is_given_before_everybody_can_see_what_was_fixed(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present = make_present()
    session.commit()
    freeze(officer_of(challenge), challenge.id, plan(present), now)
    refused(TooEarly, giving.bind, present[0], challenge.id, PHRASES[0], "", now)
    sealed(now)
    giving.bind(present[0], challenge.id, PHRASES[0], "", now)


def test_the_last_two_phrases_shown_at_once_draw_once(
    app: Flask, session: Session, challenge: Challenge, now: datetime
) -> None:
    present = make_present()
    key = make_frozen(challenge, present, now).challenge_id
    for one, phrase in zip(present, PHRASES, strict=True):
        giving.bind(one, key, phrase, "", now)
    sealed(now)
    acts = [
        lambda one=one, phrase=phrase: giving.show(one, key, phrase, now)
        for one, phrase in zip(present, PHRASES, strict=True)
    ]
    assert at_once(app, *acts) == [None, None]
    assert len(entries(session, Action.REVIEWERS_DRAWN)) == 1


def test_a_lottery_is_named_before_its_day_and_drawn_when_two_have_typed_the_same(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    officer, present = officer_of(challenge), make_present(3)
    session.commit()
    today, day = now.astimezone(PLACE).date(), (now + timedelta(days=3)).date()
    for lottery, on, field in (
        ("", day, "lottery"),
        ("双色球", None, "day"),
        ("双色球", today, "day"),
    ):
        wanted = plan(present, SourceKind.LOTTERY, lottery=lottery, day=on)
        assert refused(Invalid, freeze, officer, challenge.id, wanted, now).field == field
    named = plan(present, SourceKind.LOTTERY, lottery="双色球", day=day)
    draw = freeze(officer, challenge.id, named, now)
    sealed(now)
    assert draw.named == ["lottery", "双色球", day.isoformat()]
    one, two, three = present
    refused(NotAllowed, giving.bind, one, challenge.id, PHRASES[0], "", now)
    refused(TooEarly, giving.type_numbers, one, challenge.id, "3 11 17", now)
    later = now + timedelta(days=3)
    refused(Invalid, giving.type_numbers, one, challenge.id, "不知道", later)
    giving.type_numbers(one, challenge.id, "03 11 17 20", later)
    assert giving.type_numbers(two, challenge.id, "03 11 17 21", later).outcome is None
    giving.type_numbers(one, challenge.id, "03 11 17 22", later)
    draw = giving.type_numbers(three, challenge.id, "０３，１１，１７，２１", later)
    assert draw.outcome is not None
    assert draw.outcome["sources"] == [["lottery", "双色球", day.isoformat(), "03 11 17 21"]]


def test_what_is_fixed_cannot_be_changed_and_nobody_draws_again(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present, officer = make_present(), officer_of(challenge)
    make_frozen(challenge, present, now)
    give(challenge, present, now)
    for change in (
        "pool = '{}'",
        "pool_hash = repeat('0', 64)",
        "commitment = repeat('0', 64)",
        "outcome = '{}'",
        "number = 2",
    ):
        with pytest.raises(DatabaseError, match="does not change"), session.begin_nested():
            session.execute(text(f"UPDATE draws SET {change}"))
    refused(NotAllowed, freeze, officer, challenge.id, plan(present), now)
    refused(NotAllowed, service.abandon, officer, challenge.id, WHY, now)
    refused(NotAllowed, service.go_on, officer, challenge.id, now)
    refused(NotAllowed, giving.show, present[0], challenge.id, PHRASES[0], now)


def test_an_abandoned_draw_stays_and_the_next_has_another_secret_and_the_same_aliases(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present, officer = make_present(), officer_of(challenge)
    draw = make_frozen(challenge, present, now)
    names, before = set(draw.homes), draw.commitment
    refused(NotAllowed, service.abandon, make_actor(Role.CITY_OFFICER), challenge.id, WHY, now)
    refused(InvalidInput, service.abandon, officer, challenge.id, "错", now)
    nextone = service.abandon(officer, challenge.id, WHY, now)
    assert (nextone.number, nextone.state) == (2, DrawState.COMMITTED)
    assert nextone.commitment != before
    make_reviewer()
    draw = make_frozen(challenge, present, now)
    assert draw.number == 2
    assert names < set(draw.homes)
    give(challenge, present, now)
    kept = [
        (one.number, one.state, one.reason) for one in queries.of_challenge(session, challenge.id)
    ]
    assert kept == [(1, DrawState.ABANDONED, WHY), (2, DrawState.DRAWN, "")]
    assert entries(session, Action.DRAW_ABANDONED) == [{"number": "1", "reason": WHY}]


def test_who_got_a_conflict_after_the_draw_is_passed_over_in_the_open(
    session: Session, now: datetime
) -> None:
    review = make_round(spare=2)
    draw = queries.drawn(session, review.challenge_id)[0]
    later = draw.orders["technical"][3:5]
    fourth, fifth = (queries.of_alias(session, draw, alias) for alias in later)
    assert [service.alias_of(draw, one) for one in (fourth, fifth)] == later
    make_conflict(session.get_one(Reviewer, fourth), review.challenge)
    session.commit()
    first = seats_of(review)[0]
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    rounds.refill(review.id, now)
    assert seats_of(review)[-1].reviewer_id == fifth
    turns = queries.asks(session, review.challenge_id)
    assert [one.passed_for for one in turns] == [[], [], [], ["kin"], []]
    told = entries(session, Action.REVIEWER_TURN)
    assert [one["passed_for"] for one in told] == ["", "", "", "kin", ""]
    assert told[-1]["beside"].split() == sorted(turns[place].alias for place in (1, 2))


def test_a_further_draw_takes_those_who_were_in_none_and_comes_behind(
    session: Session, now: datetime
) -> None:
    review = make_round(spare=0)
    challenge, officer, present = review.challenge, officer_of(review.challenge), make_present()
    session.commit()
    refused(NotAllowed, service.go_on, officer, challenge.id, now)
    first = seats_of(review)[0]
    answers.decline(reviewer_of(first), first.id, "不熟悉该领域", now)
    rounds.refill(review.id, now)
    assert len(seats_of(review)) == 3
    draw = service.go_on(officer, challenge.id, now)
    assert draw.number == 2
    newcomer = make_reviewer()
    draw = make_frozen(challenge, present, now)
    assert list(draw.homes) == [rules.alias(bytes.fromhex(draw.salt), newcomer.id)]
    reasons = {code for row in (draw.pool or {})["excluded"] for code in row[2]}
    assert reasons == {"drawn_before"}
    give(challenge, present, now)
    assert session.scalars(select(Event.topic).order_by(Event.id)).all()[-1] == (
        Topic.SEAT_VACATED.value
    )
    rounds.refill(review.id, now)
    assert seats_of(review)[-1].reviewer_id == newcomer.id
    assert challenge.state is ChallengeState.REVIEWING


def test_auditors_take_the_names_behind_the_aliases_and_leave_an_entry(
    session: Session, challenge: Challenge, now: datetime
) -> None:
    present = make_present()
    draw = make_frozen(challenge, present, now)
    refused(NotAllowed, service.open_aliases, officer_of(challenge), challenge.id, 1, now)
    facts = service.open_aliases(present[0], challenge.id, 1, now)
    assert {one["alias"] for one in facts["experts"]} == set(draw.homes)
    refused(NotFound, service.open_aliases, present[0], challenge.id, 2, now)
    assert entries(session, Action.DRAW_OPENED) == [{"number": "1"}]
    assert facts == aliases_of(challenge, draw, queries.everybody(session))
