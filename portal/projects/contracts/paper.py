"""The contract on paper: Chinese, with its signature page and a code that leads to its check."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext

from portal.core import qr
from portal.core.typeset import pdf
from portal.core.words import N_
from portal.core.workdays import PLACE
from portal.projects.contracts.document import blocks, said
from portal.projects.contracts.models import Contract, ContractParty
from portal.projects.contracts.rules import ContractState

KICKER = N_("Contract of the application-scenario project")
SHOWN = 12


def made(contract: Contract, base_url: str) -> bytes:
    """The PDF/A of the version that counts; the same contract gives the same bytes."""
    drawn = contract.version.proposed_at
    at = drawn if contract.is_amended else contract.signed_at or drawn
    with force_locale("zh"):
        return pdf("contract", document(contract, base_url), at)


def name_of(contract: Contract) -> str:
    """The name of its file: the project, the version, the beginning of the fingerprint."""
    version = contract.version
    return f"{contract.project.code}-v{version.number}-{version.fingerprint[:SHOWN]}.pdf"


def document(contract: Contract, base_url: str) -> dict[str, Any]:
    """All that the template sets, in its order."""
    version = contract.version
    signed = contract.state is ContractState.SIGNED
    address = f"{base_url}/verify?paper={version.fingerprint}"
    return {
        "title": version.terms.title,
        "author": contract.project.challenge.call.issuer.name,
        "head": f"{contract.project.code} {contract.project.challenge.title}",
        "state": _state(contract),
        "kicker": gettext(KICKER),
        "number": gettext(N_("Contract no. %(code)s"), code=contract.project.code),
        "blocks": blocks(version.terms),
        "signatures": {
            "title": gettext(N_("Signatures")),
            "told": _told(contract),
            "columns": [gettext(name) for name in SIGNED],
            "rows": [_signature(party) for party in contract.parties],
        },
        "print": [gettext(N_("Fingerprint (SHA-256)")), version.fingerprint],
        "code": _svg(address) if signed else "",
        "address": address if signed else "",
    }


SIGNED = (N_("As what"), N_("Organisation"), N_("Confirmed by"), N_("Confirmed at"))


def _state(contract: Contract) -> str:
    if contract.signed_at is None:
        return said(N_("Version %(n)s, not signed"), n=contract.number)
    if contract.is_amended:
        when = _when(contract.version.proposed_at)
        return said(N_("Version %(n)s, changed %(when)s"), n=contract.number, when=when)
    when = _when(contract.signed_at)
    return said(N_("Version %(n)s, signed %(when)s"), n=contract.number, when=when)


def _told(contract: Contract) -> str:
    if contract.signed_at is None:
        return said(N_("This is no contract yet: not every party has confirmed it."))
    if contract.is_amended:
        text = N_(
            "Every party confirmed version %(signed)s. This version came with a change to which "
            "everybody consented whose consent it takes; its fingerprint below is an entry of the "
            "portal's public log. The code leads to its check."
        )
        return said(text, signed=contract.signed_number)
    return said(
        N_(
            "Every party confirmed this text in its own account, under the fingerprint below; each "
            "confirmation is an entry of the portal's public log. The code leads to its check."
        )
    )


def _when(at: datetime) -> str:
    return at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")


def _signature(party: ContractParty) -> list[str]:
    given = party.confirmation
    who, when = (given.person.name, _when(given.confirmed_at)) if given else ("—", "—")
    return [gettext(party.part.label), party.organisation.name, who, when]


def _svg(address: str) -> str:
    """The code as a picture that the typesetter draws."""
    width, dark = qr.path(qr.grid(address))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}">'
        f'<path fill="#000" d="{dark}"/></svg>'
    )
