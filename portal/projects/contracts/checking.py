"""What /verify says of a contract whose code was scanned."""

from sqlalchemy.orm import Session

from portal.core.papers import Paper
from portal.core.words import N_, Message
from portal.projects.contracts import queries
from portal.projects.contracts.models import Contract, ContractVersion

SIGNED = N_("This is the contract of the project %(code)s “%(title)s”, version %(number)s.")
AMENDED = N_(
    "This is version %(number)s of the contract of the project %(code)s “%(title)s”: it came into force "
    "with a change to which everybody consented whose consent it takes."
)
EARLIER = N_(
    "This is version %(number)s of the contract of the project %(code)s “%(title)s”. It is not the "
    "newest: version %(latest)s is in force."
)


def known(session: Session, fingerprint: str) -> Paper | None:
    """The contract with this fingerprint, once every party has confirmed it."""
    found = queries.signed_with(session, fingerprint)
    if found is None:
        return None
    contract, version = found
    is_signed = version.number == contract.signed_number
    at = contract.signed_at if is_signed and contract.signed_at else version.proposed_at
    facts = {
        "code": contract.project.code,
        "title": contract.project.title,
        "number": version.number,
        "latest": contract.number,
    }
    told = Message(_words(contract, version, is_signed), facts)
    return Paper(told, at, queries.entry_of(session, contract, version))


def _words(contract: Contract, version: ContractVersion, is_signed: bool) -> str:
    if version.number != contract.number:
        return EARLIER
    return SIGNED if is_signed else AMENDED
