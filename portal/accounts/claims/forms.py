"""The form by which one takes over an account."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class ClaimForm(PortalForm):
    """The first password."""

    password = fields.secret(N_("Password"))
