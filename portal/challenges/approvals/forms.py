"""Why a proposal is returned."""

from portal.challenges.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class RemarksForm(PortalForm):
    """The remarks of the second officer."""

    remarks = fields.prose(N_("Remarks"), 2000, minimum=REASON_MINIMUM)
