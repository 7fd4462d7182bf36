"""A numbering or a checkpoint that is killed in its middle loses nothing and repeats nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit import checkpoints, queries
from portal.audit import service as audit
from portal.audit.models import Entry, Numbered, Published, TreeNode, Waiting
from portal.audit.rules import Action, Occasion
from portal.audit.tree import Edge
from portal.config import ROOT, Settings
from portal.core.access import SYSTEM
from portal.core.db import db
from portal.core.signing import Signer
from tests.waiting import until

pytestmark = pytest.mark.fault
PROGRAM = """
from portal.app import create_app
from portal.audit import checkpoints
from portal.audit.rules import Occasion
from portal.core import clock
from portal.core.db import db
from portal.core.web import signer

with create_app().app_context():
    checkpoints.make(signer(), Occasion.REGULAR, clock.now(db.session))
"""
BLOCKED = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
MIDDLES = {
    "while it takes out of the queue what it numbered": "LOCK TABLE audit_queue IN SHARE MODE",
    "while it stores subtrees": "LOCK TABLE audit_nodes IN SHARE MODE",
    "before the checkpoint is written": "LOCK TABLE audit_checkpoints IN SHARE MODE",
}
COUNT = 40


@contextmanager
def another(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A process that numbers and makes a checkpoint."""
    told = {
        "JIEBANG_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JIEBANG_VAR": str(settings.var),
    }
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env={**os.environ, **told}
    ) as process:
        yield process


@pytest.mark.parametrize("middle", MIDDLES)
def test_it_is_whole_or_absent(
    session: Session, settings: Settings, signer: Signer, now: datetime, middle: str
) -> None:
    for number in range(COUNT):
        audit.record(session, SYSTEM, Action.SIGNED_IN, f"person:{number}", now)
    session.commit()
    with db.engine.connect() as holder, another(settings) as process:
        holder.execute(text(MIDDLES[middle]))

        def blocked() -> bool:
            found = session.scalar(BLOCKED)
            session.rollback()
            return bool(found)

        until(blocked, "the other is in its middle")
        process.send_signal(signal.SIGKILL)
        process.wait()
        holder.rollback()
    made = checkpoints.make(signer, Occasion.REGULAR, now)
    assert made is not None
    ids = session.scalars(select(Entry.id).order_by(Entry.id)).all()
    places = session.execute(select(Numbered.seq, Numbered.entry_id).order_by(Numbered.seq)).all()
    assert places == list(enumerate(ids))
    assert session.scalars(select(Waiting)).all() == []
    assert session.scalars(select(Published.size)).all() == [COUNT]
    edge, nodes = Edge(), 0
    for entry, leaf in queries.numbered(session, 0, COUNT):
        assert entry.hash() == leaf
        nodes += len(edge.append(leaf))
    assert made.root == edge.root()
    assert session.scalar(select(func.count()).select_from(TreeNode)) == nodes
