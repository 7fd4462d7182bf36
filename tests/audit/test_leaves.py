"""What a leaf covers, what may be left out of it, and how an export says so."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.audit.leaves import Leaf, closed_line, digest, first_line, open_line, stamp
from portal.core.crypto import canonical

AT = datetime(2026, 3, 1, 8, 0, 0, 5, tzinfo=UTC)
PAYLOAD = {"actor": "u1", "address": "::1"}
ENTRY = Leaf.of(3, AT, "account.signed_in", "person:u1", bytes(16), PAYLOAD)


def test_a_time_has_one_form() -> None:
    assert stamp(AT) == "2026-03-01T08:00:00.000005Z"
    beijing = timezone(timedelta(hours=8))
    assert stamp(AT.astimezone(beijing)) == stamp(AT)
    assert stamp(AT.replace(microsecond=0)) == "2026-03-01T08:00:00.000000Z"


@pytest.mark.parametrize(
    "other",
    [
        replace(ENTRY, seq=4),
        replace(ENTRY, at="2026-03-01T08:00:00.000006Z"),
        replace(ENTRY, kind="account.signed_out"),
        replace(ENTRY, subject="person:u2"),
        Leaf.of(3, AT, ENTRY.kind, ENTRY.subject, bytes(15) + b"\1", PAYLOAD),
        Leaf.of(3, AT, ENTRY.kind, ENTRY.subject, bytes(16), {**PAYLOAD, "actor": "u2"}),
        Leaf.of(3, AT, ENTRY.kind, ENTRY.subject, bytes(16), {"actor": "u1"}),
    ],
)
def test_every_fact_is_in_the_leaf(other: Leaf) -> None:
    assert other.hash() != ENTRY.hash()


def test_keys_of_a_payload_are_ascii() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        digest(bytes(16), {"价": "1"})


def test_an_erased_payload_leaves_the_leaf_as_it_was() -> None:
    erased = ENTRY.erased()
    assert erased.hash() == ENTRY.hash()
    line = open_line(erased, ENTRY.hash())
    assert b"u1" not in line.replace(b"person:u1", b"")
    assert b"::1" not in line
    assert json.loads(line)["digest"] == ENTRY.digest.hex()


def test_a_closed_entry_shows_nothing_but_its_leaf() -> None:
    assert json.loads(closed_line(3, ENTRY.hash())) == {"leaf": ENTRY.hash().hex(), "seq": 3}


def test_lines_are_canonical() -> None:
    for line in (first_line("a/log"), open_line(ENTRY, ENTRY.hash()), closed_line(3, b"")):
        assert canonical(json.loads(line)) + b"\n" == line
