"""The paper of a signed contract, set once and kept."""

import io
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM
from portal.core.db import transaction
from portal.core.files import FileStore, StoredFile
from portal.projects.contracts import queries
from portal.projects.contracts.models import Contract
from portal.projects.contracts.rules import ContractState

PDF = "application/pdf"
Made = Callable[[Contract], bytes]
"""Sets a contract on paper: pages belong to a room above this one, so the worker brings it."""


def file_paper(contract_id: UUID, made: Made, store: FileStore, now: datetime) -> None:
    """Set the paper of a signed contract, keep it, and log its fingerprint; once."""
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        if contract.state is not ContractState.SIGNED or contract.file_id is not None:
            return
        digest, size = store.put_stream(io.BytesIO(made(contract)))
        contract.file = StoredFile(
            sha256=digest,
            size=size,
            media_type=PDF,
            name=f"{contract.project.code}.pdf",
            uploaded_by=SYSTEM.user_id,
        )
        session.flush()
        facts = {"sha256": digest, "version": contract.number}
        audit.record(session, SYSTEM, Action.CONTRACT_FILED, contract.subject_ref, now, **facts)
