"""The form that takes a file."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class ImportForm(PortalForm):
    """One file."""

    file = fields.upload(N_("Workbook (.xlsx) or YAML"))
