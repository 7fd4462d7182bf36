"""Checkpoints: the log's size and root, signed; made under the lock of the numbering."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit import numbering, queries, rules
from portal.audit.models import Numbered, Published, TreeNode
from portal.audit.notes import Checkpoint, sign_checkpoint
from portal.audit.rules import Occasion
from portal.audit.tree import Edge, root_needs
from portal.core.db import transaction
from portal.core.failpoints import reach
from portal.core.signing import Signer

GROWN_AT_ONCE = 10_000
Passed = Callable[[Session, datetime | None, datetime], bool]
"""Whether a deadline lies between the last public checkpoint and now."""


def make(signer: Signer, occasion: Occasion, now: datetime) -> Published | None:
    """A checkpoint of all that is committed; the last one when it has all that. None for an empty log."""
    with transaction() as session:
        numbering.hold(session)
        numbering.number_all(session)
        return _make(session, signer, occasion, now)


def make_due(signer: Signer, passed: Passed, now: datetime) -> Published | None:
    """A public checkpoint, if there is a reason for one."""
    with transaction() as session:
        numbering.hold(session)
        numbering.number_all(session)
        last = queries.last_public(session)
        kinds = queries.kinds_from(session, last.size if last else 0)
        at = last.at if last else None
        occasion = rules.occasion(kinds, passed(session, at, now), at, now)
        return _make(session, signer, occasion, now) if occasion else None


def _make(session: Session, signer: Signer, occasion: Occasion, now: datetime) -> Published | None:
    size = numbering.size(session)
    last = queries.last_checkpoint(session)
    enough = last if occasion is Occasion.RECEIPT else queries.last_public(session)
    if size == 0 or (enough is not None and enough.size == size):
        return enough
    root = _grown(session, last.size if last else 0, size)
    note = str(sign_checkpoint(Checkpoint(signer.name, size, root), signer.key))
    made = Published(size=size, root=root, note=note, occasion=occasion, at=now)
    session.add(made)
    session.flush()
    reach("checkpoint")
    return made


def _grown(session: Session, old: int, size: int) -> bytes:
    """Store the nodes that the entries since the last checkpoint complete; returns the root."""
    edge = Edge.stored(old, queries.nodes(session, root_needs(old).nodes))
    for start in range(old, size, GROWN_AT_ONCE):
        leaves = _leaves(session, start, min(start + GROWN_AT_ONCE, size))
        completed = [node for leaf in leaves for node in edge.append(leaf)]
        if completed:
            columns = "level", "index", "hash"
            rows = [dict(zip(columns, (*node, value), strict=True)) for node, value in completed]
            session.execute(insert(TreeNode), rows)
    return edge.root()


def _leaves(session: Session, start: int, end: int) -> Sequence[bytes]:
    numbered = select(Numbered.leaf).where(Numbered.seq >= start, Numbered.seq < end)
    return session.scalars(numbered.order_by(Numbered.seq)).all()
