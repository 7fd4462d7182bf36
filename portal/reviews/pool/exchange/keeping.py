"""A list of experts that an officer has handed in: kept from the check until it is imported."""

from datetime import datetime

from portal.audit.rules import Action
from portal.challenges.exchange.document import Document, Record
from portal.challenges.exchange.keeping import bytes_of, keep_in
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.files import FileStore, StoredFile, Upload
from portal.reviews.pool import policy
from portal.reviews.pool.exchange.reading import read


def keep(actor: Actor, store: FileStore, upload: Upload, now: datetime) -> StoredFile:
    """Keep a file for its check. Raises NotAllowed, and Invalid for one that is empty or too large."""
    with transaction() as session:
        policy.may_propose(actor).enforce()
        return keep_in(session, actor, store, upload, Action.POOL_FILE_TAKEN, now)


def contents(store: FileStore, kept: StoredFile) -> tuple[Document, list[Record]]:
    """What a kept file says. Raises NotFound when it is none of these files, or gone."""
    return read(bytes_of(store, kept))
