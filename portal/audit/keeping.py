"""Checkpoints in a file outside the database: what a restored or rewritten log is compared with."""

import fcntl
import json
import os
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.orm import Session

from portal.audit import queries
from portal.audit.leaves import checkpoint_line

TAIL = 4096
"""More than a checkpoint's line has."""


def keep(session: Session, path: Path) -> int:
    """Append the public checkpoints that the file does not have yet; returns how many.

    The file has lines of an export: `{"checkpoint": note}`, oldest first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several workers of a machine share it
        notes = queries.notes_from(session, _last_size(file))
        for _, note in notes:
            file.write(checkpoint_line(note))
        file.flush()
        os.fsync(file.fileno())
    return len(notes)


def _last_size(file: BinaryIO) -> int:
    """The size in the last whole line; a line that a crash cut short is dropped."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    tail = file.read()
    whole, _, cut = tail.rpartition(b"\n")
    if cut:
        file.truncate(end - len(cut))
    lines = whole.splitlines()
    return int(json.loads(lines[-1])["checkpoint"].split("\n")[1]) if lines else 0
