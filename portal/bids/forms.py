"""The closing of a challenge; shape only, rules decide."""

from portal.bids.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class FailForm(PortalForm):
    """Why a challenge ends without an award."""

    reason = fields.prose(N_("Reason"), 2000, minimum=REASON_MINIMUM)
