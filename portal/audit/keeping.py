"""Checkpoints in a file outside the database: what a restored or rewritten log is compared with."""

import fcntl
import json
import logging
import os
from base64 import b64decode
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.leaves import checkpoint_line

log = logging.getLogger(__name__)
TAIL = 4096
"""More than a checkpoint's line has."""


def keep(session: Session, path: Path) -> int:
    """Append the public checkpoints that the file does not have yet; returns how many.

    The file has lines of an export: `{"checkpoint": note}`, oldest first. When its last one is not in
    the database, nothing is appended, and the portal's own log says so: a backup was restored, or
    somebody has rewritten the log.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several workers of a machine share it
        last = _last(file)
        if last and not _is_known(session, *last):
            log.critical("%s: the database does not have its last checkpoint", path)
            return 0
        notes = queries.notes_from(session, last[0] if last else 0)
        for _, note in notes:
            file.write(checkpoint_line(note))
        file.flush()
        os.fsync(file.fileno())
    return len(notes)


def _is_known(session: Session, size: int, root: str) -> bool:
    found = queries.public_checkpoint(session, size)
    return found is not None and found.root == b64decode(root)


def _last(file: BinaryIO) -> tuple[int, str] | None:
    """Size and root of the last whole line; a line that a crash cut short is dropped."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    whole, _, cut = tail.rpartition(b"\n")
    if cut:
        file.truncate(end - len(cut))
    lines = whole.splitlines()
    if not lines:
        return None
    _, size, root, *_ = json.loads(lines[-1])["checkpoint"].split("\n")
    return int(size), root
