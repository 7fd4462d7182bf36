"""The form of a vote: a line for each bid."""

from collections.abc import Sequence
from typing import Self

from flask_babel import lazy_gettext
from wtforms import Field, FieldList, FormField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_

IN_FAVOUR, AGAINST = "yes", "no"


class VoteLine(RowForm):
    """For or against one bid."""

    vote = RadioField(
        lazy_gettext(N_("Should it be funded?")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=[
            SelectChoice(value=IN_FAVOUR, label=lazy_gettext(N_("In favour"))),
            SelectChoice(value=AGAINST, label=lazy_gettext(N_("Against"))),
        ],
    )

    def is_blank(self) -> bool:
        """No line is a spare one: each is to be answered."""
        return False


class VoteForm(PortalForm):
    """A vote on every bid of a seat."""

    lines = FieldList(FormField(VoteLine))

    @classmethod
    def of(cls, count: int) -> Self:
        """The form with exactly `count` lines, whatever was sent."""
        form = cls()
        while len(form.lines) > count:
            form.lines.pop_entry()
        while len(form.lines) < count:
            form.lines.append_entry()
        return form

    def _find(self, path: Sequence[str]) -> Field:
        """Each line stands for one bid, and keeps its number."""
        if path[0] == "lines":
            found: Field = self.lines[int(path[1])].form[path[2]]
            return found
        return super()._find(path)
