"""When a mail is tried again, how many strangers get, and what a mail server's address says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notifications.mails.rules import (
    LONGEST_WAIT,
    MOST_BY_PERSON,
    MOST_TO_STRANGER,
    PATIENCE,
    is_address,
    is_too_old,
    route_of,
    stranger_may_get,
    wait_after,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.integers(1, 10_000))
def test_each_wait_is_at_least_as_long_as_the_one_before_and_none_is_endless(attempts: int) -> None:
    assert timedelta(seconds=15) <= wait_after(attempts) <= wait_after(attempts + 1) <= LONGEST_WAIT


def test_the_first_waits_double() -> None:
    assert [wait_after(n).seconds for n in (1, 2, 3, 8)] == [15, 30, 60, 900]


def test_news_is_old_after_three_days() -> None:
    assert not is_too_old(NOW, NOW + PATIENCE)
    assert is_too_old(NOW, NOW + PATIENCE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("to_address", "by_person", "may"),
    [
        (0, 0, True),
        (MOST_TO_STRANGER - 1, MOST_BY_PERSON - 1, True),
        (MOST_TO_STRANGER, 0, False),
        (0, MOST_BY_PERSON, False),
    ],
)
def test_neither_one_address_nor_one_person_has_the_portal_for_a_mailer(
    to_address: int, by_person: int, may: bool
) -> None:
    assert stranger_may_get(to_address, by_person) is may


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("a@example.org", True),
        ("a.b+c@mail.example.org", True),
        ("李@公司.中国", True),
        ("a@example.org, b@example.org", False),
        ("a@example.org b@example.org", False),
        ("a@localhost", False),
        ("<a@example.org>", False),
        ("a@example.org\nBcc: b@example.org", False),
        (f"{'a' * 250}@example.org", False),
        ("a", False),
    ],
)
def test_an_address_is_one_address(words: str, holds: bool) -> None:
    assert is_address(words) is holds


def test_a_mail_url_says_where_and_as_whom() -> None:
    assert route_of("outbox:", "https://jb.example") is None
    plain = route_of("smtp://mail.example", "https://jb.example/x")
    assert plain is not None
    assert (plain.host, plain.port, plain.is_tls) == ("mail.example", 25, False)
    assert (plain.user, plain.sender, plain.name) == ("", "noreply@jb.example", "jb.example")
    whole = "smtps://a%40b:p%3Aw@mail.example:2465?from=jb%40gov.example"
    safe = route_of(whole, "http://127.0.0.1:8000")
    assert safe is not None
    assert (safe.host, safe.port, safe.is_tls) == ("mail.example", 2465, True)
    assert (safe.user, safe.password, safe.sender) == ("a@b", "p:w", "jb@gov.example")
