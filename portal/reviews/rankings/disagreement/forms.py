"""Forms of a disagreement: an answer with perhaps other points, words, a closing reason."""

from collections.abc import Sequence
from typing import Any, Self

from wtforms import Field, FieldList, FormField

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.rankings.disagreement.service import REASON_MINIMUM


class PointsLine(RowForm):
    """Points for one criterion."""

    points = fields.number(N_("Points"))

    def is_blank(self) -> bool:
        """No line is a spare one: each stands for a criterion."""
        return False


class AnswerForm(PortalForm):
    """The reasons, and the points line by line in the order of the rubric."""

    lines = FieldList(FormField(PointsLine))
    reason = fields.prose(N_("Your reasons"), 4000, minimum=REASON_MINIMUM)

    @classmethod
    def of(cls, count: int, **facts: Any) -> Self:
        """The form with exactly `count` lines, whatever was sent."""
        form = cls(**facts)
        while len(form.lines) > count:
            form.lines.pop_entry()
        while len(form.lines) < count:
            form.lines.append_entry()
        return form

    def _find(self, path: Sequence[str]) -> Field:
        """Each line stands for one criterion, and keeps its number."""
        if path[0] == "lines":
            found: Field = self.lines[int(path[1])].form[path[2]]
            return found
        return super()._find(path)


class SayForm(PortalForm):
    """Something said in the discussion."""

    text = fields.prose(N_("What you say to the others"), 4000)


class SettleForm(PortalForm):
    """Why it is closed."""

    closing = fields.prose(N_("Why it is settled"), 2000, minimum=REASON_MINIMUM)
