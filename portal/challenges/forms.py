"""Rows of a challenge's tables, and why one is cancelled."""

from wtforms.form import BaseForm

from portal.challenges.rules import REASON_MINIMUM, Operator
from portal.challenges.sheet import IndicatorFacts
from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_


class IndicatorRow(RowForm):
    """One indicator."""

    name = fields.line(N_("Indicator"))
    operator = fields.choice(N_("Comparison"), Operator)
    value = fields.number(N_("Value"), required=False)
    high = fields.number(N_("Upper end"), required=False)
    unit = fields.line(N_("Unit"), 40, required=False)
    test_method = fields.line(N_("How it is tested"), 400)
    wish = fields.flag(N_("Wish, not a must"))
    baseline = fields.line(N_("Where it stands today"), required=False)


class CriterionRow(RowForm):
    """One line of the rubric."""

    name = fields.line(N_("Criterion"))
    weight = fields.whole(N_("Weight"), 1, 100)


class CancelForm(PortalForm):
    """Why a challenge is cancelled."""

    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


def indicator(row: BaseForm) -> IndicatorFacts:
    """A row of the table, for the service."""
    return IndicatorFacts(
        name=row["name"].data,
        operator=row["operator"].data,
        value=row["value"].data,
        high=row["high"].data,
        unit=row["unit"].data or "",
        test_method=row["test_method"].data,
        mandatory=not row["wish"].data,
        baseline=row["baseline"].data or "",
    )
