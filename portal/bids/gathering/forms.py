"""A custodian's share and password, on their own page; shape only."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class ComeForm(PortalForm):
    """The share as it is printed, and the custodian's own password."""

    share = fields.prose(N_("Share, as it is printed"), 400)
    password = fields.secret(N_("Your password"))
