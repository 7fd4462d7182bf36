"""The form of an expert."""

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.reviews.pool.rules import Stratum


class ReviewerForm(PortalForm):
    """An expert for the pool."""

    email = fields.email(N_("E-mail address"))
    organisation = fields.line(N_("Organisation (full name or code)"))
    stratum = fields.choice(N_("Stands for"), Stratum)
    title = fields.line(N_("Professional title"), 100, required=False)
    disciplines = fields.line(N_("Disciplines, separated by spaces"), 300, required=False)
