"""Restoring a backup: everything is checked before anything is touched."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.orm import Session

from portal.audit.notes import Checkpoint
from portal.cli.backup import dumping, proving
from portal.cli.backup.manifest import (
    DUMP,
    BackupError,
    Manifest,
    Piece,
    piece_of,
    place_of,
)
from portal.cli.backup.taking import row_counts
from portal.cli.database import alembic_config, migrate
from portal.config import Settings
from portal.core.files import FileStore

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
EMPTIED = (
    "SET lock_timeout = '10s'",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)


class Restored(NamedTuple):
    """What was restored, and how it compares. `rows` names tables with another number of rows;
    `forked` sizes at which the log's own checkpoints have another root than its entries."""

    rows: list[str]
    log: proving.Walked
    forked: list[int]
    verdict: proving.Verdict


def broken_files(folder: Path, manifest: Manifest) -> list[str]:
    """Files of a backup that are away or do not fit their hash."""
    return [p.sha256 for p in manifest.files if not _fits(place_of(folder, p.sha256), p)]


def require_dump(place: Path, manifest: Manifest) -> None:
    """Raise BackupError unless the dump is the one that was written."""
    if not _fits(place / DUMP, manifest.database):
        raise BackupError(f"{place / DUMP} is damaged: nothing was restored.")


def _fits(path: Path, told: Piece) -> bool:
    try:
        return piece_of(path) == told
    except OSError:
        return False


def restore(
    settings: Settings,
    place: Path,
    manifest: Manifest,
    left_out: Sequence[str],
    outside: Sequence[Checkpoint],
    force: bool,
) -> Restored:
    """Restore what was checked, without the files `left_out`, and compare. Raises BackupError."""
    store = FileStore(settings.storage_url, settings.upload_limit_bytes)
    with _server(settings.database_url) as connection:
        _require_known(connection, manifest.revision)
        _make_room(connection, store, force)
        for piece in manifest.files:
            if piece.sha256 not in left_out:
                with place_of(place.parent, piece.sha256).open("rb") as source:
                    store.put_stream(source)
        dumping.read_dump(connection, place / DUMP)
        connection.execute(text("ANALYZE"))
        counts = row_counts(connection)
        migrate(settings.database_url)
        with Session(connection) as session:
            own = proving.own_checkpoints(session)
            log = proving.walk(session, {*own, *(one.size for one in outside)})
    return Restored(
        rows=sorted(
            name
            for name in {*counts, *manifest.rows}
            if counts.get(name) != manifest.rows.get(name)
        ),
        log=log,
        forked=sorted(size for size, root in own.items() if log.roots.get(size) != root),
        verdict=proving.compare(log, outside),
    )


@contextmanager
def _server(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _require_known(connection: Connection, revision: str) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(connection))
    try:
        scripts.get_revision(revision)
    except CommandError:
        raise BackupError(
            f"The backup is of a newer portal (migration {revision}): restore it with that one."
        ) from None


def _make_room(connection: Connection, store: FileStore, force: bool) -> None:
    """Nothing is overwritten unless told so, and never under a portal that runs."""
    tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    if not force and (tables or next(store.listed(), None)):
        raise BackupError(
            "The database or the file store is not empty; --force replaces what is in the database."
        )
    if tables:
        if connection.scalar(OTHERS):
            raise BackupError("The portal or somebody else uses the database: stop it first.")
        for statement in EMPTIED:
            connection.execute(text(statement))
