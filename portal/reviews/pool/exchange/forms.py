"""The form that takes a list of experts."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class ListForm(PortalForm):
    """One file."""

    file = fields.upload(N_("Workbook (.xlsx) or comma-separated text (.csv)"))
