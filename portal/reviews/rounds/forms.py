"""The form of a reviewer who declines."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class DeclineForm(PortalForm):
    """Why an invitation is declined."""

    reason = fields.prose(N_("Reason"), 1000, minimum=5)
