"""What is typed on the pages of the formal check; shape only, rules decide."""

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.bids.checks.rules import (
    CORRECTION_DAYS,
    CORRECTION_DAYS_MOST,
    REASON_MINIMUM,
    Answer,
    Verdict,
)
from portal.bids.sections.rules import Section
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class AnswerForm(PortalForm):
    """An officer's answer to one item."""

    seen = HiddenField()
    verdict = RadioField(
        lazy_gettext(N_("Result")),
        [InputRequired(lazy_gettext(N_("Please say whether this holds.")))],
        choices=fields.choices([Verdict.HOLDS, Verdict.FAILS]),
        coerce=lambda value: Verdict(value) if value else None,
    )
    remark = fields.prose(N_("Remark"), 2000, required=False)

    def answer(self) -> Answer:
        """What was said, for the service."""
        return Answer(self.verdict.data, self.remark.data)

    def revision(self) -> int:
        """On what it was written; nonsense counts as the beginning."""
        text = self.seen.data or ""
        return int(text) if text.isdecimal() else 0


class CorrectionForm(PortalForm):
    """Which sections are to be corrected, what about them, and within how many working days."""

    sections = SelectMultipleField(
        lazy_gettext(N_("Sections to correct")),
        choices=[SelectChoice(value=s.value, label=lazy_gettext(s.label)) for s in Section],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    remark = fields.prose(N_("What is to be corrected"), 4000, minimum=REASON_MINIMUM)
    days = fields.whole(
        N_("Working days"), 1, CORRECTION_DAYS_MOST, default=CORRECTION_DAYS, required=True
    )

    def named(self) -> list[Section]:
        """The sections chosen."""
        return [Section(value) for value in self.sections.data or []]


class RefusalForm(PortalForm):
    """Why the bid is refused."""

    reason = fields.prose(N_("Reason"), 4000, minimum=REASON_MINIMUM)


class DecisionForm(PortalForm):
    """What comes of a reply."""

    upheld = RadioField(
        lazy_gettext(N_("Decision on the reply")),
        [InputRequired(lazy_gettext(N_("Please say yes or no.")))],
        choices=[
            SelectChoice(value="yes", label=lazy_gettext(N_("upheld: the bid passes"))),
            SelectChoice(value="no", label=lazy_gettext(N_("dismissed: the refusal stands"))),
        ],
    )
    decision = fields.prose(N_("Reason"), 4000, minimum=REASON_MINIMUM)


class CorrectedForm(PortalForm):
    """What the team says with its correction."""

    answer = fields.prose(N_("What was corrected"), 4000, required=False)


class ReplyForm(PortalForm):
    """Why a refusal is wrong."""

    text = fields.prose(N_("Reply"), 4000, minimum=REASON_MINIMUM)
