"""What is typed about a bid that did not open; shape only, rules decide."""

from flask_babel import lazy_gettext
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.bids.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


class AsideForm(PortalForm):
    """Why the bid is kept out."""

    reason = fields.prose(N_("Reason, which the team reads"), 4000, minimum=REASON_MINIMUM)


class ObjectionForm(PortalForm):
    """Why it must not be kept out."""

    objection = fields.prose(N_("Objection"), 4000, minimum=REASON_MINIMUM)


class AnswerForm(PortalForm):
    """What comes of the objection."""

    upheld = RadioField(
        lazy_gettext(N_("Decision on the objection")),
        [InputRequired(lazy_gettext(N_("Please say yes or no.")))],
        choices=[
            SelectChoice(value="yes", label=lazy_gettext(N_("upheld: the bid is tried again"))),
            SelectChoice(value="no", label=lazy_gettext(N_("dismissed: the bid stays aside"))),
        ],
    )
    answer = fields.prose(N_("Reason"), 4000, minimum=REASON_MINIMUM)
