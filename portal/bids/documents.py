"""Whether the store still holds what a team handed in."""

import hashlib

from portal.core.files import CHUNK, FileStore, StoredFile


def is_intact(store: FileStore, stored: StoredFile) -> bool:
    """Whether the store has the file, and it is the one that was handed in."""
    digest = hashlib.sha256()
    try:
        with store.open(stored.sha256) as source:
            while part := source.read(CHUNK):
                digest.update(part)
    except OSError:
        return False
    return digest.hexdigest() == stored.sha256
