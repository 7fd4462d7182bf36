"""What /verify says of a contract whose code was scanned."""

from sqlalchemy.orm import Session

from portal.core.papers import Paper
from portal.core.words import N_, Message
from portal.projects.contracts import queries


def known(session: Session, fingerprint: str) -> Paper | None:
    """The contract with this fingerprint, once every party has confirmed it."""
    contract = queries.signed_with(session, fingerprint)
    if contract is None or contract.signed_at is None:
        return None
    told = Message(
        N_("This is the contract of the project %(code)s “%(title)s”, version %(number)s."),
        {
            "code": contract.project.code,
            "title": contract.project.title,
            "number": contract.number,
        },
    )
    return Paper(told, contract.signed_at, queries.signing_entry(session, contract))
