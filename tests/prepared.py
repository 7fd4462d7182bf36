"""PostgreSQL with the portal's tables in it, copied from a folder in which they were made once.

Making a cluster and taking every migration costs some five seconds of a processor; a run has seven
such servers, and each of a developer's runs one. The copies are kept in `var` until a migration changes.
"""

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from portal import embedded
from portal.cli.database import migrate
from portal.config import ROOT

KEPT = ROOT / "var" / "tests"


def start_with_tables(directory: Path) -> embedded.Servers:
    """Start both servers, or find them running; in a new folder the database has all tables."""
    place, target = KEPT / f"tables-{_digest()}", embedded.home(directory)
    if (target / "pgdata").exists():
        return embedded.start(directory)
    target.mkdir(parents=True, exist_ok=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "tables.lock"):
        if not place.exists():
            for former in KEPT.glob("tables-*"):
                shutil.rmtree(former)
            _make(place)
        _copy(place, target / "pgdata")
    owner, log = place.stat(), target / "postgres.log"
    log.touch()
    os.chown(log, owner.st_uid, owner.st_gid)
    return embedded.start(directory)


def _digest() -> str:
    """Of what decides which tables there are."""
    versions = sorted((ROOT / "portal" / "migrations").rglob("*.py"))
    told = [*versions, Path(embedded.__file__), ROOT / "requirements.lock"]
    return sha256(b"\0".join(path.read_bytes() for path in told)).hexdigest()[:16]


def _make(place: Path) -> None:
    directory = Path(tempfile.mkdtemp(prefix="jiebang-tables-"))
    directory.chmod(0o755)
    try:
        migrate(embedded.start_postgres(directory))
        embedded.stop_postgres(directory)
        _copy(embedded.home(directory) / "pgdata", place)
    finally:
        embedded.stop_postgres(directory)
        shutil.rmtree(embedded.home(directory), ignore_errors=True)
        shutil.rmtree(directory, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    """With its owner, for whom PostgreSQL runs; whole, or not at all."""
    half = target.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run(["/bin/cp", "-a", str(source), str(half)], check=True)
    half.rename(target)
