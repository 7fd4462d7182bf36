"""Forms of the decision, of objections and of their answers."""

from uuid import UUID

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired

from portal.awards.rules import ObjectionState
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class BidsField(SelectMultipleField):
    """The ticked bids; which of them may be chosen is the rules' matter."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data = []
        try:
            self.data = [UUID(value) for value in valuelist]
        except ValueError:
            raise ValueError(gettext("Please choose from the list.")) from None

    def pre_validate(self, form: object) -> None:
        """Leave the choice to the rules."""


class DecisionForm(PortalForm):
    """Who wins, and where that was decided."""

    winners = BidsField(
        lazy_gettext(N_("Winners")), coerce=lambda key: UUID(str(key)), validate_choice=False
    )
    meeting = fields.line(N_("Meeting and its record"))
    deviation_reason = fields.prose(
        N_("Reason for departing from the ranking"), 2000, required=False
    )


class ClosingForm(PortalForm):
    """Why a challenge ends without an award."""

    reason = fields.prose(N_("Reason"), 2000, minimum=20)


class ObjectionForm(PortalForm):
    """What is objected to."""

    text = fields.prose(N_("What you object to, and why"), 5000, minimum=20)


class AnswerForm(PortalForm):
    """The answer to an objection."""

    verdict = RadioField(
        lazy_gettext(N_("Outcome")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices((ObjectionState.UPHELD, ObjectionState.DISMISSED)),
    )
    answer = fields.prose(N_("Answer"), 5000, minimum=20)
