"""The log of before, in one table with numbers of its own, comes into the new tables and back."""

import hashlib
from datetime import UTC, datetime

from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from portal.audit import numbering, queries
from portal.cli.database import alembic_config
from portal.core.crypto import canonical, leaf

AT = datetime(2026, 3, 1, 8, 0, 0, 120, tzinfo=UTC)
INSERT = text(
    "INSERT INTO audit_log (seq, at, kind, actor_ref, subject_ref, leaf, salt, payload)"
    " VALUES (:seq, :at, :kind, :actor, :subject, :leaf, :salt, CAST(:payload AS jsonb))"
)
OLD = text(
    "SELECT seq, at, kind, actor_ref, subject_ref, leaf, salt, payload FROM audit_log ORDER BY seq"
)


def old_entry(seq: int) -> dict[str, object]:
    salt = hashlib.sha256(str(seq).encode()).digest()[:16]
    payload = {"note": f"登录 {seq}", "address": "::1"}
    facts = {
        "v": 1,
        "seq": seq,
        "kind": "account.signed_in",
        "at": AT.isoformat(),
        "subject": f"person:{seq}",
        "payload": hashlib.sha256(salt + canonical(payload)).hexdigest(),
    }
    return {
        "seq": seq,
        "at": AT,
        "kind": facts["kind"],
        "actor": f"actor-{seq}",
        "subject": facts["subject"],
        "leaf": leaf(canonical(facts)),
        "salt": salt,
        "payload": canonical(payload).decode(),
    }


def test_entries_keep_their_order_their_numbers_and_what_they_say(new_database, worker_id):
    engine = create_engine(new_database(f"migration_{worker_id}"))
    with engine.connect() as connection:
        command.downgrade(alembic_config(connection), "0029")
        connection.execute(INSERT, [old_entry(seq) for seq in range(5)])
        connection.commit()
        before = connection.execute(OLD).all()
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
        with Session(connection) as session:
            numbering.number_all(session)
            entries = [entry for entry, stored in queries.numbered(session, 0, 5)]
            session.execute(
                text(
                    "INSERT INTO audit_log (at, kind, actor_ref, subject_ref, digest, salt, payload)"
                    " SELECT at, kind, actor_ref, subject_ref, digest, salt, payload FROM audit_log"
                    " WHERE id = 4"
                )
            )
            session.commit()
        assert [(one.seq, one.subject) for one in entries] == [(n, f"person:{n}") for n in range(5)]
        assert entries[3].payload == {"note": "登录 3", "address": "::1", "actor": "actor-3"}
        command.downgrade(alembic_config(connection), "0029")
        after = connection.execute(OLD).all()
        assert after[:5] == before
        assert (after[5].seq, after[5].payload) == (5, before[4].payload)
        command.upgrade(alembic_config(connection), "head")
    engine.dispose()
