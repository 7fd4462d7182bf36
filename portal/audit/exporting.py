"""The log as a file that anybody can check: JSON Lines, as docs/verification.md has them."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.leaves import Leaf, checkpoint_line, closed_line, first_line, open_line
from portal.audit.rules import PUBLIC_ACTS

BATCH = 2000
Line = Callable[[Leaf, bytes], bytes]


def public_line(entry: Leaf, stored: bytes) -> bytes:
    """What everybody may see: of public acts when, what and about what; of all others the leaf."""
    if entry.kind in PUBLIC_ACTS:
        return open_line(entry.erased(), stored)
    return closed_line(entry.seq, stored)


def export(engine: Engine, origin: str, line: Line) -> Iterator[bytes]:
    """The log up to its last public checkpoint, some hundred KB at a time.

    Each batch has a session of its own, so that a slow reader holds no connection.
    """
    yield first_line(origin)
    with Session(engine) as session:
        notes = queries.notes_from(session, 0)
    start = 0
    for size, note in notes:
        while start < size:
            end = min(start + BATCH, size)
            with Session(engine) as session:
                rows = queries.numbered(session, start, end)
            yield b"".join(line(entry, stored) for entry, stored in rows)
            start = end
        yield checkpoint_line(note)
