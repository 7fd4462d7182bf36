"""The log as a file that anybody can check: JSON Lines, as docs/verification.md has them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.leaves import Leaf, checkpoint_line, closed_line, first_line, open_line
from portal.audit.rules import PUBLIC_ACTS

BATCH = 2000
Rows = Sequence[tuple[Leaf, bytes]]
"""Entries with their leaves as they are stored."""
Lines = Callable[[Session, Rows], Iterator[bytes]]
"""How entries are written for those who get the export."""
Withheld = Callable[[Session, Collection[str]], AbstractSet[str]]
"""Of some subjects those of which nobody may learn yet."""


def public_lines(session: Session, rows: Rows) -> Iterator[bytes]:
    """What everybody may see: of public acts when, what and about what; of all others the leaf."""
    for entry, stored in rows:
        if entry.kind in PUBLIC_ACTS:
            yield open_line(entry.erased(), stored)
        else:
            yield closed_line(entry.seq, stored)


def whole_lines(withheld: Withheld) -> Lines:
    """All that the entries say; of what is withheld the leaf alone."""

    def lines(session: Session, rows: Rows) -> Iterator[bytes]:
        hidden = withheld(session, {entry.subject for entry, _ in rows})
        for entry, stored in rows:
            if entry.subject in hidden:
                yield closed_line(entry.seq, stored)
            else:
                yield open_line(entry, stored)

    return lines


def export(engine: Engine, origin: str, lines: Lines) -> Iterator[bytes]:
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
                batch = b"".join(lines(session, queries.numbered(session, start, end)))
            yield batch
            start = end
        yield checkpoint_line(note)
