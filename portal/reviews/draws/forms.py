"""The forms of a draw; shape only, rules decide."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from wtforms import DateField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.reviews.draws.freezing import Plan
from portal.reviews.draws.rules import PHRASE_MOST, Present, SourceKind


class PeopleField(SelectMultipleField):
    """People to tick; how many must be is for a rule to say."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FreezeForm(PortalForm):
    """Where the outside values come from, and who gives them."""

    kind = fields.choice(N_("Outside values"), SourceKind)
    present = PeopleField(lazy_gettext(N_("Who is present")), coerce=UUID)
    lottery = fields.line(N_("Lottery"), 60, required=False)
    day = DateField(lazy_gettext(N_("Day of its draw")), [Optional()])

    def offer(self, found: Sequence[Present]) -> None:
        """Who may be chosen."""
        self.present.choices = [
            SelectChoice(
                value=str(one.person_id),
                label=f"{one.organisation} · {one.name} ({gettext(one.standing.label)})",
            )
            for one in found
        ]

    def plan(self) -> Plan:
        """What was chosen."""
        lottery = self.lottery.data or ""
        return Plan(self.kind.data, self.present.data or (), lottery, self.day.data)


class AbandonForm(PortalForm):
    """Why a draw is given up."""

    reason = fields.prose(N_("Reason"), 1000)


class BindForm(PortalForm):
    """A phrase, of which only the fingerprint is kept; or the fingerprint alone."""

    phrase = fields.line(N_("Your phrase"), PHRASE_MOST, required=False)
    fingerprint = fields.line(N_("Or its fingerprint"), 64, required=False)


class ShowForm(PortalForm):
    """The phrase itself."""

    phrase = fields.line(N_("Your phrase, as you typed it before"), PHRASE_MOST)


class NumbersForm(PortalForm):
    """A lottery's numbers."""

    numbers = fields.line(N_("Numbers, in the order in which they were drawn"), 100)
