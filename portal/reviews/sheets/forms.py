"""The form of a score sheet."""

from collections.abc import Sequence
from typing import Any, Self

from wtforms import Field, FieldList, FormField

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_


class PointsRow(RowForm):
    """Points and reason for one criterion."""

    points = fields.number(N_("Points"), required=False)
    reason = fields.prose(N_("Reasons"), 2000, required=False)


class SheetForm(PortalForm):
    """A score sheet: a line for each criterion, in the order of the rubric."""

    lines = FieldList(FormField(PointsRow))
    comment = fields.prose(N_("General comment"), 4000, required=False)

    @classmethod
    def of(cls, count: int, **facts: Any) -> Self:
        """The form with exactly `count` lines, whatever was sent."""
        form = cls(**facts)
        while len(form.lines) > count:
            form.lines.pop_entry()
        while len(form.lines) < count:
            form.lines.append_entry()
        for line in form.lines:
            line.form.points.flags.required = True  # a draft may lack it, a submitted sheet may not
        return form

    def _find(self, path: Sequence[str]) -> Field:
        """A blank line keeps its number here: each stands for one criterion."""
        if path[0] == "lines":
            found: Field = self.lines[int(path[1])].form[path[2]]
            return found
        return super()._find(path)
