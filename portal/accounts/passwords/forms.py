"""The password that one has, and the one that one wants; shape only."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class PasswordForm(PortalForm):
    """Whoever has only found an open browser does not know the old one."""

    old = fields.secret(N_("Your present password"))
    new = fields.secret(N_("New password"))
    again = fields.secret(N_("New password once more"))
