"""What is logged: append-only, numbered after the commit without gaps, bound by its leaf, erasable."""

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from portal.audit import checkpoints, numbering, queries
from portal.audit import service as audit
from portal.audit.models import Entry, Numbered, TreeNode, Waiting
from portal.audit.rules import Action, Occasion
from portal.core.access import SYSTEM, Role
from portal.core.db import transaction
from portal.core.errors import NotAllowed, NotFound
from tests.factories.accounts import make_actor


def write(session, now, times=3):
    return [
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{i}", now, address="::1")
        for i in range(times)
    ]


def number():
    with transaction() as session:
        numbering.hold(session)
        numbering.number_all(session)


def places(session):
    return session.execute(select(Numbered.seq, Numbered.entry_id).order_by(Numbered.seq)).all()


def test_an_entry_gets_the_next_number_after_its_commit(session, now):
    first = write(session, now)
    assert places(session) == []
    session.commit()
    number()
    second = write(session, now, 2)
    session.commit()
    number()
    number()
    assert places(session) == list(enumerate(first + second))
    assert session.scalars(select(Waiting)).all() == []


def test_an_entry_is_one_statement_of_its_act(session, now):
    sent = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *facts: sent.append(facts[2]))
    write(session, now)
    assert [one.split("(")[0] for one in sent] == ["INSERT INTO audit_log "] * 3


def test_more_than_a_batch_is_numbered_in_its_order(session, now, monkeypatch):
    monkeypatch.setattr(numbering, "BATCH", 2)
    ids = write(session, now, 7)
    session.commit()
    number()
    assert places(session) == list(enumerate(ids))


def test_whoever_finds_another_numbering_does_nothing(app, session, now):
    write(session, now)
    session.commit()
    with app.app_context(), transaction() as busy:
        numbering.hold(busy)
        assert numbering.number_if_free(session) is False
        assert places(session) == []
    session.rollback()
    assert numbering.number_if_free(session) is False
    assert len(places(session)) == 3


STATEMENTS = {
    "UPDATE audit_log SET kind = 'x'",
    "UPDATE audit_log SET salt = NULL",
    "UPDATE audit_log SET payload = NULL",
    "UPDATE audit_log SET payload = '{}'",
    "UPDATE audit_log SET salt = NULL, payload = NULL, actor_ref = 'x'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log CASCADE",
    "DELETE FROM audit_queue",
    "UPDATE audit_queue SET entry_id = 10",
    "TRUNCATE audit_queue",
    "UPDATE audit_leaves SET leaf = ''",
    "DELETE FROM audit_leaves",
    "TRUNCATE audit_leaves",
    "INSERT INTO audit_leaves VALUES (7, (SELECT entry_id FROM audit_queue LIMIT 1), '')",
    "UPDATE audit_nodes SET hash = ''",
    "DELETE FROM audit_nodes",
    "TRUNCATE audit_nodes",
    "UPDATE audit_checkpoints SET note = ''",
    "DELETE FROM audit_checkpoints",
    "TRUNCATE audit_checkpoints CASCADE",
}


@pytest.mark.parametrize("statement", sorted(STATEMENTS))
def test_the_database_refuses_to_change_the_log(session, now, signer, statement):
    write(session, now)
    session.commit()
    assert checkpoints.make(signer, Occasion.REGULAR, now) is not None
    assert session.scalars(select(TreeNode)).first() is not None
    write(session, now)  # these wait
    session.commit()
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(text(statement))


def test_every_fact_is_in_the_leaf(session, now):
    write(session, now, 2)
    session.commit()
    number()
    ((entry, stored),) = queries.numbered(session, 1, 2)
    assert entry.hash() == stored
    assert entry.payload == {"address": "::1", "actor": str(SYSTEM.user_id)}
    assert entry.facts()["seq"] == 1


def test_what_an_entry_says_is_erased_with_its_salt_and_the_log_still_holds(session, now):
    (entry_id,) = write(session, now, 1)
    session.commit()
    number()
    ((before, stored),) = queries.numbered(session, 0, 1)
    for actor in map(make_actor, Role):
        with pytest.raises(NotAllowed):
            audit.erase(actor, 0, "asked for by the person", now)
    with pytest.raises(NotFound):
        audit.erase(SYSTEM, 1, "asked for by the person", now)
    for _ in range(2):  # the second finds nothing to erase
        audit.erase(SYSTEM, 0, "asked for by the person", now)
    session.expire_all()
    entry = session.get_one(Entry, entry_id)
    assert (entry.salt, entry.payload) == (None, None)
    ((after, still),) = queries.numbered(session, 0, 1)
    assert after == before.erased()
    assert after.hash() == still == stored
    told = session.scalars(select(Entry).where(Entry.kind == Action.ENTRY_ERASED.value)).one()
    assert (told.subject_ref, told.payload) == (
        "entry:0",
        {"reason": "asked for by the person"},
    )


def test_the_version_of_everything_public_grows_with_every_commit(app, session, now):
    """Also when the act that came first is committed last: the highest number would not tell."""
    seen = [queries.moment(session)[1]]
    early = audit.record(session, SYSTEM, Action.SIGNED_IN, "person:1", now)
    with app.app_context(), transaction() as other:
        assert audit.record(other, SYSTEM, Action.SIGNED_IN, "person:2", now) > early
    with app.app_context(), transaction() as other:
        seen.append(queries.moment(other)[1])
    session.commit()
    seen.append(queries.moment(session)[1])
    number()
    seen.append(queries.moment(session)[1])
    assert seen == [0, 1, 2, 2]
