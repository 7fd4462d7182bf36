"""Whether a restored log is the one that it was: recomputed from its entries, and compared with what
somebody outside kept."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import numbering, queries
from portal.audit.leaves import Leaf, digest
from portal.audit.models import Published
from portal.audit.notes import Checkpoint, NoteError, VerifierKey, open_checkpoint
from portal.audit.tree import EMPTY, Edge
from portal.cli.backup.manifest import BackupError

BATCH = 2000


@dataclass(frozen=True)
class Walked:
    """The log, computed again: its size and root, the roots at the sizes asked for, and the first entry
    that does not fit (None: all fit)."""

    size: int
    root: bytes
    roots: dict[int, bytes]
    bad: int | None


@dataclass
class Verdict:
    """What outside checkpoints say of a log: how many hold, up to which size; which contradict; which
    are later than the log."""

    holding: list[int] = field(default_factory=list)
    contradicting: list[int] = field(default_factory=list)
    later: list[int] = field(default_factory=list)


def fits(entry: Leaf, stored: bytes) -> bool:
    """Whether the entry makes the leaf that is stored, and its payload the digest."""
    is_open = entry.payload is not None and entry.salt is not None
    if is_open and digest(entry.salt or b"", entry.payload or {}) != entry.digest:
        return False
    return entry.hash() == stored


def walk(session: Session, sizes: Collection[int]) -> Walked:
    """Compute the log again, entry by entry."""
    size, edge, roots = numbering.size(session), Edge(), {0: EMPTY}
    for start in range(0, size, BATCH):
        for entry, stored in queries.numbered(session, start, min(start + BATCH, size)):
            if entry.seq != edge.size or not fits(entry, stored):
                return Walked(size, edge.root(), roots, edge.size)
            edge.append(stored)
            if edge.size in sizes:
                roots[edge.size] = edge.root()
        if edge.size != min(start + BATCH, size):
            return Walked(size, edge.root(), roots, edge.size)
    return Walked(size, edge.root(), roots, None)


def own_checkpoints(session: Session) -> dict[int, bytes]:
    """The roots that the log's own checkpoints have, by size."""
    rows = session.execute(select(Published.size, Published.root))
    return {row.size: row.root for row in rows}


def read_checkpoints(path: Path, key: VerifierKey) -> list[Checkpoint]:
    """A checkpoint (a signed note), or a file of them as the portal keeps it. Raises BackupError."""
    try:
        text = path.read_text(encoding="utf-8")
        notes = [text]
        if text.startswith("{"):
            lines = [json.loads(line) for line in text.splitlines()]
            notes = [line["checkpoint"] for line in lines if "checkpoint" in line]
        if not notes:
            raise BackupError(f"{path} holds no checkpoint.")
        return [open_checkpoint(note, key) for note in notes]
    except NoteError as error:
        raise BackupError(f"{path} is no checkpoint of this log: {error}.") from None
    except (OSError, ValueError, TypeError):
        raise BackupError(f"{path} cannot be read as a checkpoint.") from None


def compare(found: Walked, outside: Iterable[Checkpoint]) -> Verdict:
    """What the checkpoints say; `found` was walked with their sizes."""
    verdict = Verdict()
    for one in outside:
        if one.size > found.size:
            verdict.later.append(one.size)
        elif found.roots.get(one.size) == one.root:
            verdict.holding.append(one.size)
        else:
            verdict.contradicting.append(one.size)
    return verdict
