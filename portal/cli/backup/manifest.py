"""What a backup says of itself: sizes, hashes, rows, the log's root, and which keys it needs.

A backup folder holds `files/` (content under its hash, shared by all backups in the folder) and a folder
for each backup, named after its time, with `database.dump` and, once all is there, `manifest.json`.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

FORM = "jiebang-backup-v1"
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"
CHUNK = 1 << 20


class BackupError(Exception):
    """Why nothing was saved or restored; the text is one sentence for the operator."""


@dataclass(frozen=True)
class Piece:
    """Some bytes of a backup: their SHA-256 (hexadecimal) and their number."""

    sha256: str
    size: int


@dataclass(frozen=True)
class LogState:
    """The log at the moment of the backup: entries with a number, their root (hexadecimal), and the
    last public checkpoint."""

    size: int
    root: str
    checkpoint: str | None


@dataclass(frozen=True)
class Keys:
    """Which keys the restored portal needs. None of them is in the backup, nor can be found from it."""

    log: str
    """`name+id` of the log's key."""
    master: str
    """A mark of the master key: tells it from others."""


@dataclass(frozen=True)
class Manifest:
    """One backup. `missing` are files that the database names and the store did not have."""

    made_at: str
    revision: str
    database: Piece
    files: Sequence[Piece]
    missing: Sequence[str]
    rows: Mapping[str, int]
    log: LogState
    keys: Keys

    def to_json(self) -> bytes:
        """As it is written."""
        return json.dumps({"form": FORM, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """From what was written. Raises BackupError."""
        try:
            facts = json.loads(text)
            if facts.pop("form") != FORM:
                raise BackupError("This is not a backup that this version of the portal reads.")
            return cls._of(facts)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError("The backup's manifest cannot be read: it is damaged.") from None

    @classmethod
    def _of(cls, facts: dict[str, Any]) -> "Manifest":
        made = {
            "database": Piece(**facts["database"]),
            "files": [Piece(**piece) for piece in facts["files"]],
            "log": LogState(**facts["log"]),
            "keys": Keys(**facts["keys"]),
        }
        return cls(**{**facts, **made})


def mark_of(master_key: str) -> str:
    """What tells a master key from others. No help to a thief: the dump has much that is locked by the
    key, against which guesses can be tried as well."""
    return hmac.digest(master_key.encode(), b"jiebang-backup", hashlib.sha256).hex()[:16]


def place_of(folder: Path, digest: str) -> Path:
    """Where the bytes of a digest lie in a backup folder."""
    return folder / FILES / digest[:2] / digest


def piece_of(path: Path) -> Piece:
    """What a file holds. Raises OSError."""
    whole, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while part := source.read(CHUNK):
            whole.update(part)
            size += len(part)
    return Piece(whole.hexdigest(), size)


def newest(folder: Path, name: str | None = None) -> tuple[Path, Manifest]:
    """The last whole backup in a folder, or the one of this name. Raises BackupError."""
    found = sorted(folder.glob(f"{name or '*'}/{MANIFEST}"))
    if not found:
        raise BackupError(f"There is no whole backup in {folder / name if name else folder}.")
    return found[-1].parent, Manifest.from_json(found[-1].read_bytes())


def create(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def write_whole(path: Path, data: bytes) -> None:
    """A file that is there as a whole or not at all, whatever happens to the machine."""
    part = path.with_name(f"{path.name}.part")
    with create(part) as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
