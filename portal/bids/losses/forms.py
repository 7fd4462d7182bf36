"""What is typed about a loss of shares; shape only, rules decide."""

from portal.bids.losses.rules import DAYS, DAYS_LEAST, DAYS_MOST
from portal.bids.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class DeclareForm(PortalForm):
    """Why the shares are lost, and how long teams have."""

    reason = fields.prose(N_("What happened, for everybody to read"), 2000, minimum=REASON_MINIMUM)
    days = fields.whole(
        N_("Working days to hand in again"), DAYS_LEAST, DAYS_MOST, default=DAYS, required=True
    )


class DismissForm(PortalForm):
    """Why it is not confirmed."""

    remark = fields.prose(N_("Reason"), 2000, minimum=REASON_MINIMUM)
