"""The files of what a team handed in, and whether the store still holds them."""

import hashlib
from dataclasses import dataclass

from portal.bids.models import BidVersion
from portal.core.files import CHUNK, FileStore


@dataclass(frozen=True)
class Handed:
    """A file that belongs to a version: the bid document, or an attachment."""

    name: str
    sha256: str
    media_type: str


def handed_in(version: BidVersion) -> list[Handed]:
    """The bid document first, then the attachments."""
    first = version.document
    document = Handed(first.name, first.sha256, first.media_type)
    others = [Handed(one.name, one.sha256, one.media_type) for one in version.terms.attachments]
    return [document, *others]


def is_intact(store: FileStore, sha256: str) -> bool:
    """Whether the store has the file, and it is the one that was handed in."""
    digest = hashlib.sha256()
    try:
        with store.open(sha256) as source:
            while part := source.read(CHUNK):
                digest.update(part)
    except OSError:
        return False
    return digest.hexdigest() == sha256
