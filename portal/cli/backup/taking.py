"""Taking a backup: the database first, then the files that it names, then the manifest."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, create_engine, func, select, table, text
from sqlalchemy.orm import Session

from portal.audit import numbering, queries
from portal.audit.models import Numbered
from portal.audit.tree import Edge, root_needs
from portal.cli.backup import dumping
from portal.cli.backup.manifest import (
    CHUNK,
    DUMP,
    FILES,
    MANIFEST,
    BackupError,
    Keys,
    LogState,
    Manifest,
    Piece,
    create,
    mark_of,
    piece_of,
    place_of,
    sync_folder,
    write_whole,
)
from portal.cli.backup.signing import sign
from portal.config import Settings
from portal.core import signing
from portal.core.files import FileStore
from portal.models import IN_STORE


class Taken(NamedTuple):
    """A backup: where, what it says, how many files are new in the folder, and which of the store do
    not fit their hash."""

    folder: Path
    manifest: Manifest
    new: int
    damaged: list[str]


def take(settings: Settings, folder: Path) -> Taken:
    """Back up the database and the files into a folder. Raises BackupError, KeyFileError."""
    signer = signing.load(settings.log_key_file)
    (folder / FILES).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _snapshot(settings.database_url) as (connection, snapshot):
        made_at = connection.scalar(text('SELECT to_char(now(), \'YYYYMMDD"T"HH24MISS"Z"\')'))
        place = folder / str(made_at)
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            raise BackupError(f"{place} is there already.") from None
        dumping.write_dump(connection, snapshot, place / DUMP)
        with Session(connection) as session:
            named = _named(session)
            log = _log(session)
        rows = row_counts(connection)
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    kept, new, damaged = _copy_files(settings, folder)
    manifest = Manifest(
        made_at=str(made_at),
        revision=revision,
        database=piece_of(place / DUMP),
        files=kept,
        missing=sorted(named - {piece.sha256 for piece in kept}),
        rows=rows,
        log=log,
        keys=Keys(log=str(signer), master=mark_of(settings.master_key)),
    )
    sign(place, manifest.to_json(), signer)
    write_whole(place / MANIFEST, manifest.to_json())
    sync_folder(folder)
    return Taken(place, manifest, new, damaged)


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[Connection, str]]:
    """One moment of the database, for us and, by its name, for pg_dump."""
    engine = create_engine(url, connect_args={"options": "-c timezone=UTC"})
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection, str(connection.scalar(text("SELECT pg_export_snapshot()")))
    finally:
        engine.dispose()


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each table of the portal has."""
    names = connection.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).all()
    counts = {name: select(func.count()).select_from(table(name)) for name in names}
    return {name: int(connection.scalar(query) or 0) for name, query in counts.items()}


def _named(session: Session) -> set[str]:
    found = (session.scalars(select(column).distinct()) for column in IN_STORE)
    return {digest for digests in found for digest in digests if digest}


def _log(session: Session) -> LogState:
    """The root of all numbered entries: the last checkpoint's tree, and the leaves since."""
    size, last = numbering.size(session), queries.last_checkpoint(session)
    start = last.size if last else 0
    edge = Edge.stored(start, queries.nodes(session, root_needs(start).nodes))
    since = select(Numbered.leaf).where(Numbered.seq >= start).order_by(Numbered.seq)
    for leaf in session.scalars(since.execution_options(yield_per=10_000)):
        edge.append(leaf)
    public = queries.last_public(session)
    return LogState(size, edge.root().hex(), public.note if public else None)


def _copy_files(settings: Settings, folder: Path) -> tuple[list[Piece], int, list[str]]:
    """Copy what the folder does not have; what does not fit its hash is named and left out."""
    store = FileStore(settings.storage_url, settings.upload_limit_bytes)
    kept: list[Piece] = []
    damaged, new = [], 0
    for digest, size in store.listed():
        target = place_of(folder, digest)
        if not (target.exists() and target.stat().st_size == size):
            try:
                is_whole = _copied(store, digest, target)
            except FileNotFoundError:
                continue  # deleted since the listing, as results of long tasks are
            if not is_whole:
                damaged.append(digest)
                continue
            new += 1
        kept.append(Piece(digest, size))
    return kept, new, damaged


def _copied(store: FileStore, digest: str, target: Path) -> bool:
    """Whether the bytes fit their hash, and lie in the backup now."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    part = target.with_name(f"{digest}.{uuid4().hex}.part")
    whole = hashlib.sha256()
    try:
        with store.open(digest) as source, create(part) as copy:
            while piece := source.read(CHUNK):
                whole.update(piece)
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
        if whole.hexdigest() != digest:
            return False
        part.rename(target)
        sync_folder(target.parent)
        return True
    finally:
        part.unlink(missing_ok=True)
