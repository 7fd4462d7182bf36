"""Two shares, typed from their sheets; shape only."""

from typing import Any

from portal.challenges.keys.rules import HOLDERS, field_of, password_field_of
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_

LONGEST = 200


def _share(holder: int) -> Any:
    """Seen as it is typed: it is used once, and thirteen groups are not typed blindly."""
    return fields.line(HOLDERS[holder].label, LONGEST, required=False)


def _password() -> Any:
    return fields.secret(N_("The custodian's own password"), required=False)


class SharesForm(PortalForm):
    """A share and a password for each custodian; two are filled in."""

    issuer = _share(1)
    issuer_password = _password()
    audit = _share(2)
    audit_password = _password()
    escrow = _share(3)
    escrow_password = _password()

    @property
    def shares(self) -> dict[int, str]:
        """What was typed, by holder."""
        return {holder: self[field_of(holder)].data or "" for holder in HOLDERS}

    @property
    def passwords(self) -> dict[int, str]:
        """The passwords that were typed, by holder."""
        return {holder: self[password_field_of(holder)].data or "" for holder in HOLDERS}
