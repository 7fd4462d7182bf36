"""The forms of what an officer overrides; every one asks for a reason."""

from portal.challenges.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class ReasonForm(PortalForm):
    """Why something is done before the clock does it, or otherwise."""

    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


class TimeForm(ReasonForm):
    """More time, and why."""

    until = fields.moment(N_("New time (Beijing)"))
