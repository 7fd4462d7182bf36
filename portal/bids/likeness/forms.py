"""What an officer makes of a pair; shape only."""

from flask_babel import lazy_gettext
from wtforms import RadioField
from wtforms.validators import InputRequired

from portal.bids.likeness.rules import NOTE_MINIMUM, PairState
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class JudgementForm(PortalForm):
    """The verdict and its reason."""

    verdict = RadioField(
        lazy_gettext(N_("What do you make of it?")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices((PairState.HARMLESS, PairState.FOLLOW_UP)),
    )
    note = fields.prose(N_("Note on this pair"), minimum=NOTE_MINIMUM)

    @property
    def chosen(self) -> PairState:
        """The verdict."""
        return PairState(self.verdict.data)
