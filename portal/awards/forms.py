"""Forms of the decision and of what becomes of its notice."""

from uuid import UUID

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectMultipleField

from portal.awards.rules import Wording
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


class SeenField(HiddenField):
    """The revision that the writer has seen; 0 for none."""

    data: int

    def process_data(self, value: object) -> None:
        """As a number."""
        self.data = int(str(value or 0))

    def process_formdata(self, valuelist: list[str]) -> None:
        """What is no number has seen nothing."""
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0


class WordsForm(PortalForm):
    """What an officer writes for a notice: the rest of it is made from data."""

    meeting = fields.line(N_("Meeting and its record"))
    business_contact = fields.line(N_("Contact for the matter"))
    supervision_contact = fields.line(N_("Contact for supervision"))

    def wording(self, reason: str | None) -> Wording:
        """As the service takes it."""
        lines = (
            self.meeting.data,
            reason,
            self.business_contact.data,
            self.supervision_contact.data,
        )
        return Wording(*(line or "" for line in lines))


class DecisionForm(WordsForm):
    """Who wins, and where that was decided; `seen` is the draft on which this was written."""

    winners = BidsField(
        lazy_gettext(N_("Winners")), coerce=lambda key: UUID(str(key)), validate_choice=False
    )
    no_award = fields.flag(N_("Nobody is to be awarded"))
    deviation_reason = fields.prose(
        N_("Reason for departing from the ranking, or for awarding nobody"), 2000, required=False
    )
    seen = SeenField()


class PublishForm(PortalForm):
    """The draft that is published is the one that was seen."""

    seen = SeenField()


class ClosingForm(PortalForm):
    """Why a challenge ends without an award."""

    reason = fields.prose(N_("Reason"), 2000, minimum=20)


class CorrectionForm(WordsForm):
    """What was wrong in a notice, and what it should say."""

    reason = fields.prose(N_("What was wrong, and what is right"), 2000, minimum=20)


class WithdrawalForm(PortalForm):
    """Why a notice is taken back."""

    reason = fields.prose(N_("Why the notice is withdrawn"), 2000, minimum=20)


class RenunciationForm(PortalForm):
    """Why a winner steps back."""

    reason = fields.prose(N_("Why you step back"), 2000, minimum=20)
