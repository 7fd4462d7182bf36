"""Codes as the two RFCs have them, each once; recovery codes; and how many wrong tries are taken."""

from base64 import b32decode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.factor import rules
from portal.core.access import Role

SECRET = b"12345678901234567890"
PERSON = UUID(int=7)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECONDS = st.integers(0, 4_000_000_000)


def test_the_vectors_of_rfc_4226() -> None:
    codes = " ".join(rules.hotp(SECRET, counter) for counter in range(10))
    assert codes == "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    assert rules.hotp(SECRET, rules.period_of(moment), digits=8) == code


@given(SECONDS, st.integers(-4, 4))
def test_a_code_holds_in_its_own_period_and_the_two_beside_it(second: int, early: int) -> None:
    moment = datetime.fromtimestamp(second + 300, UTC)
    period = rules.period_of(moment) + early
    found = rules.matching_period(SECRET, rules.hotp(SECRET, period), moment, last=0)
    if abs(early) <= 1:
        assert found is not None
    else:
        assert found != period


@given(SECONDS)
def test_a_code_that_was_taken_and_any_before_it_are_not_taken_again(second: int) -> None:
    moment = datetime.fromtimestamp(second + 300, UTC)
    code = rules.hotp(SECRET, rules.period_of(moment))
    last = rules.matching_period(SECRET, code, moment, last=0)
    assert last is not None
    assert rules.matching_period(SECRET, code, moment, last) is None
    before = rules.hotp(SECRET, rules.period_of(moment) - 1)
    if before != code:
        assert rules.matching_period(SECRET, before, moment, last) is None


@settings(max_examples=50)
@given(st.text(max_size=8))
def test_any_other_text_is_no_code(text: str) -> None:
    moment = datetime.fromtimestamp(1_700_000_000, UTC)
    valid = {rules.hotp(SECRET, rules.period_of(moment) + drift) for drift in (-1, 0, 1)}
    taken = rules.matching_period(SECRET, rules.normal(text), moment, 0) is not None
    assert taken == (rules.normal(text) in valid)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("123 456", True), ("１２３４５６", True), ("12345", False), ("٣٣٣٣٣٣", False)],
)
def test_a_code_is_six_digits_however_they_are_typed(typed: str, code: bool) -> None:
    assert rules.is_code(rules.normal(typed)) is code


def test_recovery_codes_are_ten_of_eighty_bits_each_and_typed_as_one_likes() -> None:
    counter = iter(range(256))
    codes = rules.new_recovery_codes(lambda size: bytes([next(counter)]) * size)
    assert len(set(codes)) == 10
    assert all(len(code) == 19 and not set(code) & set("oilu") for code in codes)
    assert not any(rules.is_code(rules.normal(code)) for code in codes)
    kept = rules.recovery_digest(PERSON, "0123-4567-89ab-cdef")
    for typed in (
        "0123456789ABCDEF",
        "o123 4567-89ab cdef",
        "OI23-4567-89ab-cdef",
        "ol234567 89abcdef",
    ):
        assert rules.recovery_digest(PERSON, typed) == kept
    assert rules.recovery_digest(UUID(int=8), "0123-4567-89ab-cdef") != kept


def test_five_wrong_tries_pause_for_five_minutes_and_twenty_for_an_hour() -> None:
    def tries(*minutes: float) -> list[datetime]:
        return [NOW - timedelta(minutes=minute) for minute in minutes]

    assert rules.paused_until([], NOW) is None
    assert rules.paused_until(tries(4, 3, 2, 1), NOW) is None
    assert rules.paused_until(tries(4, 3, 2, 1, 0), NOW) == NOW + timedelta(minutes=1)
    assert rules.paused_until(tries(5, 3, 2, 1, 0), NOW) is None
    hour = tries(*(59 - 2.5 * place for place in range(20)))
    assert rules.paused_until(hour[1:], NOW) is None
    assert rules.paused_until(hour, NOW) == NOW + timedelta(minutes=1)


def test_who_needs_a_second_factor() -> None:
    needs = {role for role in Role if rules.needs_factor([role])}
    assert needs == set(Role) - {Role.PARTNER}
    assert rules.needs_factor([Role.PARTNER, Role.BIDDER_LEAD])
    assert not rules.needs_factor([])


def test_an_app_reads_the_same_secret_from_the_picture_as_from_the_text() -> None:
    parts = urlsplit(rules.address(SECRET, "wang+1@example.org"))
    facts = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path == "/Jiebang:wang%2B1@example.org"
    assert facts["issuer"] == "Jiebang"
    assert b32decode(facts["secret"]) == b32decode(rules.shown(SECRET).replace(" ", "")) == SECRET
