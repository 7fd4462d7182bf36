"""Forms of officers and reviewers."""

from wtforms import FieldList, FormField, HiddenField

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.rules import Stratum


class ReviewerForm(PortalForm):
    """An expert for the pool."""

    email = fields.email(N_("E-mail address"))
    organisation = fields.line(N_("Organisation (full name or code)"))
    stratum = fields.choice(N_("Stands for"), Stratum)
    title = fields.line(N_("Professional title"), 100, required=False)
    disciplines = fields.line(N_("Disciplines, separated by spaces"), 300, required=False)


class DeclineForm(PortalForm):
    """Why an invitation is declined."""

    reason = fields.prose(N_("Reason"), 1000, minimum=5)


class PointsRow(RowForm):
    """Points and reason for one criterion."""

    criterion = HiddenField()
    points = fields.number(N_("Points"), required=False)
    reason = fields.prose(N_("Reasons"), 2000, required=False)


class SheetForm(PortalForm):
    """A score sheet: a line for each criterion."""

    lines = FieldList(FormField(PointsRow))
    comment = fields.prose(N_("General comment"), 4000, required=False)
