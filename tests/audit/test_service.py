"""The log: contiguous, append-only, and made of leaves that bind every fact."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.audit import service as audit
from portal.audit.rules import Action, leaf_of
from portal.core.access import SYSTEM


def write(session, now, times=3):
    return [
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{i}", now, address="::1")
        for i in range(times)
    ]


def test_numbers_are_contiguous(session, now):
    assert [entry.seq for entry in write(session, now)] == [0, 1, 2]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET kind = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
def test_the_database_refuses_to_change_an_entry(session, now, statement):
    write(session, now)
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(text(statement))


def test_every_fact_is_in_the_leaf(session, now):
    entry = write(session, now, 1)[0]
    facts = (entry.seq, entry.kind, entry.at, entry.subject_ref, entry.salt, entry.payload)
    assert leaf_of(*facts) == entry.leaf
    for index, other in enumerate((7, "x", None, "x", b"x", {"x": "x"})):
        changed = list(facts)
        if other is not None:
            changed[index] = other
            assert leaf_of(*changed) != entry.leaf
