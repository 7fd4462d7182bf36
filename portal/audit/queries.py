"""Reads of the log."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.orm import Session, selectinload

from portal.audit.leaves import Leaf, stamp
from portal.audit.models import Cosignature, Entry, Numbered, Published, TreeNode
from portal.audit.rules import Action, Occasion
from portal.audit.tree import Node, consistency_needs, inclusion_needs
from portal.core.access import Actor

_MOMENT = text(
    "SELECT portal_now(), (SELECT coalesce(max(seq) + 1, 0) FROM audit_leaves)"
    " + (SELECT count(*) FROM audit_queue)"
)
"""One statement, so one snapshot: an entry that gets its number just now is counted once."""
IS_PUBLIC = Published.occasion != Occasion.RECEIPT


def moment(session: Session) -> tuple[datetime, int]:
    """The portal's time, and how many entries are committed: it grows with every act's commit."""
    now, committed = session.execute(_MOMENT).one()
    return now, committed


def entries(
    session: Session, before: int | None = None, subject: str = "", limit: int = 100
) -> Sequence[Row[Entry, Numbered]]:
    """Entries with their numbers, newest first, a page at a time; about one subject if given.

    The number is None for a moment after an act.
    """
    query = (
        select(Entry, Numbered)
        .outerjoin(Numbered, Numbered.entry_id == Entry.id)
        .order_by(Entry.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Entry.id < before)
    if subject:
        query = query.where(Entry.subject_ref == subject)
    return session.execute(query).all()


_COLUMNS = (
    Numbered.seq,
    Numbered.leaf,
    Entry.at,
    Entry.kind,
    Entry.subject_ref,
    Entry.digest,
    Entry.salt,
    Entry.payload,
    Entry.actor_ref,
)


def _leaf(row: Any) -> Leaf:
    """An entry as the tree has it; who acted is part of the payload."""
    facts = row.seq, stamp(row.at), row.kind, row.subject_ref, row.digest
    if row.payload is None or row.salt is None:
        return Leaf(*facts)
    return Leaf(*facts, row.salt, {**row.payload, "actor": row.actor_ref})


def numbered(session: Session, start: int, end: int) -> list[tuple[Leaf, bytes]]:
    """Entries from one number up to, without, another, with their leaves as they are stored."""
    query = select(*_COLUMNS).join(Entry, Entry.id == Numbered.entry_id)
    query = query.where(Numbered.seq >= start, Numbered.seq < end).order_by(Numbered.seq)
    return [(_leaf(row), row.leaf) for row in session.execute(query)]


def about(
    session: Session, subjects: Iterable[str], actions: Iterable[Action], size: int
) -> list[Leaf]:
    """Entries of these kinds about these subjects that a log of this size has, in their order."""
    query = select(*_COLUMNS).join(Entry, Entry.id == Numbered.entry_id)
    query = query.where(
        Entry.subject_ref.in_(subjects),
        Entry.kind.in_([action.value for action in actions]),
        Numbered.seq < size,
    )
    return [_leaf(row) for row in session.execute(query.order_by(Numbered.seq))]


def nodes(session: Session, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Stored subtrees; those of level 0 are the leaves."""
    wanted = list(wanted)
    leaves = [index for level, index in wanted if level == 0]
    above = [(TreeNode.level == level) & (TreeNode.index == i) for level, i in wanted if level]
    found = dict[Node, bytes]()
    if leaves:
        query = select(Numbered.seq, Numbered.leaf).where(Numbered.seq.in_(leaves))
        found |= {(0, seq): leaf for seq, leaf in session.execute(query)}
    if above:
        stored = select(TreeNode.level, TreeNode.index, TreeNode.hash).where(or_(*above))
        found |= {(level, index): value for level, index, value in session.execute(stored)}
    return found


def inclusion(session: Session, index: int, size: int) -> list[bytes]:
    """The proof that entry `index` is in the tree of `size`, for which there is a checkpoint or a
    later one. Raises ValueError."""
    needs = inclusion_needs(index, size)
    return needs.hashes(nodes(session, needs.nodes))


def consistency(session: Session, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` begins with that of `old`, likewise. Raises ValueError."""
    needs = consistency_needs(old, new)
    return needs.hashes(nodes(session, needs.nodes))


def last_checkpoint(session: Session) -> Published | None:
    """The newest, whatever it was made for."""
    return session.scalars(select(Published).order_by(Published.id.desc()).limit(1)).first()


def last_public(session: Session) -> Published | None:
    """The newest that everybody may see."""
    newest = select(Published).where(IS_PUBLIC).order_by(Published.size.desc()).limit(1)
    return session.scalars(newest).first()


def public_checkpoints(
    session: Session, before: int | None = None, limit: int = 20
) -> Sequence[Published]:
    """Those that everybody may see, newest first, from below a size."""
    query = select(Published).where(IS_PUBLIC).order_by(Published.size.desc()).limit(limit)
    signed = selectinload(Published.cosignatures).joinedload(Cosignature.witness)
    query = query.options(signed)
    return session.scalars(
        query.where(Published.size < before) if before is not None else query
    ).all()


def public_checkpoint(session: Session, size: int) -> Published | None:
    """The one of this size that everybody may see."""
    return session.scalars(select(Published).where(IS_PUBLIC, Published.size == size)).first()


def with_cosignatures(checkpoint: Published) -> str:
    """Its note with a line for each witness that has signed it (C2SP tlog-cosignature)."""
    return checkpoint.note + "".join(one.line for one in checkpoint.cosignatures)


def notes_from(session: Session, size: int) -> Sequence[tuple[int, str]]:
    """Sizes and notes of the public checkpoints above a size, in their order."""
    query = select(Published.size, Published.note).where(IS_PUBLIC, Published.size > size)
    return [(row.size, row.note) for row in session.execute(query.order_by(Published.size))]


def kinds_from(session: Session, start: int) -> set[str]:
    """What kinds of acts have numbers from `start` on."""
    query = select(Entry.kind).join(Numbered, Numbered.entry_id == Entry.id)
    return set(session.scalars(query.where(Numbered.seq >= start).distinct()))


class Covered(NamedTuple):
    """An entry with its number, and the first checkpoint that covers it."""

    leaf: Leaf
    size: int
    note: str


def covered(session: Session, entry_id: int) -> Covered | None:
    """The entry under its first checkpoint; None while it has none. So what is proven once more is
    proven by the same bytes."""
    query = (
        select(*_COLUMNS, Published.size, Published.note)
        .join(Entry, Entry.id == Numbered.entry_id)
        .join(Published, Published.size > Numbered.seq)
        .where(Entry.id == entry_id)
        .order_by(Published.size, Published.id)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return Covered(_leaf(row), row.size, row.note) if row else None


def is_noted(
    session: Session, action: Action, subject_ref: str, actor: Actor, since: datetime, what: str
) -> bool:
    """Whether this person has such an entry about the subject from then on, with this `what`."""
    found = select(Entry.id).where(
        Entry.subject_ref == subject_ref,
        Entry.kind == action.value,
        Entry.actor_ref == str(actor.user_id),
        Entry.at > since,
        Entry.payload["what"].astext == what,
    )
    return session.scalar(found.limit(1)) is not None


def is_covered(session: Session, action: Action, subject_ref: str) -> bool:
    """Whether the last entry of this kind about the subject has its number, and a checkpoint that
    everybody may see covers it: from then on nobody can take it back unseen."""
    last = (
        select(func.max(Entry.id))
        .where(Entry.kind == action.value, Entry.subject_ref == subject_ref)
        .scalar_subquery()
    )
    covered = (
        select(Published.id)
        .join(Numbered, Numbered.seq < Published.size)
        .where(Numbered.entry_id == last, IS_PUBLIC)
    )
    return session.scalar(covered.limit(1)) is not None
