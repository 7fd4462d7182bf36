"""PostgreSQL's own programs, which write and read the dump; no password stands in their arguments."""

import os
import re
import subprocess
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from portal import embedded
from portal.cli.backup.manifest import BackupError

QUIET = ("--no-owner", "--no-privileges")
"""Who owns and may use the tables is a matter of the database that is restored into."""


def write_dump(server: Connection, snapshot: str, target: Path) -> None:
    """Dump the database as an exported snapshot shows it. Raises BackupError."""
    options = ["--format=custom", *QUIET, f"--snapshot={snapshot}", f"--file={target}"]
    _run(server, "pg_dump", options)


def read_dump(server: Connection, source: Path) -> None:
    """Restore a dump into an empty database, all of it or nothing. Raises BackupError."""
    options = ["--single-transaction", "--exit-on-error", *QUIET]
    _run(server, "pg_restore", [*options, str(source)])


def _run(server: Connection, name: str, options: list[str]) -> None:
    url = make_url(server.engine.url).set(drivername="postgresql")
    environment = {**os.environ, "LC_ALL": "C"}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    address = url._replace(password=None).render_as_string(hide_password=False)
    least = int(server.scalar(text("SHOW server_version_num")) or 0) // 10_000
    done = subprocess.run(
        [str(program(name, least)), f"--dbname={address}", *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no word why"]
        raise BackupError(f"{name} failed: {words[-1] if len(words) < 2 else words[0]}")


def program(name: str, least: int) -> Path:
    """PostgreSQL's program of this name, not older than the server. Raises BackupError."""
    for path in embedded.programs(name):
        told = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)", told.stdout)
        if version and int(version[1]) >= least:
            return path
    raise BackupError(
        f"{name} of PostgreSQL {least} or newer was not found: install PostgreSQL's client programs."
    )
