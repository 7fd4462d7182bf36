"""The form of a score sheet."""

from typing import Any, Self

from flask_babel import lazy_gettext
from wtforms import FieldList, FormField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_


class PointsRow(RowForm):
    """Points and reason for one criterion."""

    points = fields.number(N_("Points"), required=False)
    reason = fields.prose(N_("Reasons"), 2000, required=False)


class SheetForm(PortalForm):
    """A score sheet: a line for each criterion, in the order of the rubric."""

    seen = HiddenField()
    """The revision of the sheet that the page began from."""
    lines = FieldList(FormField(PointsRow))
    in_favour = RadioField(
        lazy_gettext(N_("Your vote")),
        [Optional()],
        choices=[
            SelectChoice(value="yes", label=lazy_gettext(N_("In favour"))),
            SelectChoice(value="no", label=lazy_gettext(N_("Not in favour"))),
        ],
    )
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
        form.in_favour.flags.required = True
        return form

    def vote(self) -> bool | None:
        """In favour or not; None while it is open, or where nobody votes."""
        return {"yes": True, "no": False}.get(self.in_favour.data or "")

    def revision(self) -> int | None:
        """The revision that the writer has seen; None for who does not say, -1 for nonsense."""
        text = str(self.seen.data or "")
        known = text.isascii() and text.isdigit() and len(text) < 10
        return int(text) if known else -1 if text else None


class GiveBackForm(PortalForm):
    """Why a sheet is given back."""

    reason = fields.prose(N_("Reason"), 1000)
