"""A code, one's password once more, and an administrator's wish; shape only, rules decide."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class CodeForm(PortalForm):
    """What the app shows."""

    code = fields.line(N_("Verification code"), 60)


class RecoveryForm(PortalForm):
    """One of the recovery codes."""

    code = fields.line(N_("Recovery code"), 60)


class ConfirmForm(PortalForm):
    """The password again, before a change."""

    password = fields.secret(N_("Your password"))


class ResetForm(PortalForm):
    """Whose second factor is to be reset, and why."""

    email = fields.line(N_("E-mail address"), 254)
    reason = fields.line(N_("Reason, and how you made sure who asks"), 300)
