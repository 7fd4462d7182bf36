"""A file that an officer has handed in: kept from the check until it is imported."""

from datetime import datetime
from io import BytesIO
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy
from portal.challenges.exchange.document import WORKBOOK_LARGEST, Document
from portal.challenges.exchange.reading import media_type, read
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import NotFound
from portal.core.files import FileStore, StoredFile, Upload, display_name
from portal.core.files import read as read_upload
from portal.core.screening.checks import require_clean


def keep(actor: Actor, store: FileStore, upload: Upload, now: datetime) -> StoredFile:
    """Keep a file for its check. Raises NotAllowed, and Invalid for one that is empty or too large."""
    with transaction() as session:
        policy.may_write(actor).enforce()
        return keep_in(session, actor, store, upload, Action.CALL_FILE_TAKEN, now)


def keep_in(
    session: Session, actor: Actor, store: FileStore, upload: Upload, act: Action, now: datetime
) -> StoredFile:
    """Keep a file, logged as `act`, in a transaction of the caller's. Raises Invalid."""
    data = read_upload(upload, WORKBOOK_LARGEST, "file")
    require_clean(store.scanner, BytesIO(data), "file")
    kept = StoredFile(
        sha256=store.put(data),
        size=len(data),
        media_type=media_type(data),
        name=display_name(upload.name),
        uploaded_by=actor.user_id,
    )
    session.add(kept)
    session.flush()
    facts = {"sha256": kept.sha256, "size": kept.size}
    audit.record(session, actor, act, f"file:{kept.id}", now, **facts)
    return kept


def kept_by(session: Session, actor: Actor, file_id: UUID) -> StoredFile:
    """A file that the actor has handed in. Raises NotFound."""
    found = session.get(StoredFile, file_id)
    if found is None or found.uploaded_by != actor.user_id:
        raise NotFound
    return found


def document_of(store: FileStore, kept: StoredFile) -> Document:
    """What a kept file says. Raises NotFound when it is none of these files, or gone."""
    return read(bytes_of(store, kept))


def bytes_of(store: FileStore, kept: StoredFile) -> bytes:
    """The bytes of a kept file. Raises NotFound when it is none of these files, or gone."""
    if kept.size > WORKBOOK_LARGEST:
        raise NotFound
    try:
        with store.open(kept.sha256) as stream:
            return stream.read()
    except FileNotFoundError:
        raise NotFound from None
