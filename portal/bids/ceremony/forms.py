"""Two shares, typed from their sheets; shape only."""

from typing import Any

from portal.challenges.keys.rules import HOLDERS, field_of
from portal.core import fields
from portal.core.fields import PortalForm

LONGEST = 200


def _share(holder: int) -> Any:
    """Seen as it is typed: it is used once, and thirteen groups are not typed blindly."""
    return fields.line(HOLDERS[holder].label, LONGEST, required=False)


class SharesForm(PortalForm):
    """One line for each custodian; two are filled in."""

    issuer = _share(1)
    audit = _share(2)
    escrow = _share(3)

    @property
    def shares(self) -> dict[int, str]:
        """What was typed, by holder."""
        return {holder: self[field_of(holder)].data or "" for holder in HOLDERS}
