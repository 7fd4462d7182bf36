"""What is typed about an amendment; its sheet is typed in the sections of the editor."""

from flask_babel import lazy_gettext
from wtforms import SelectField

from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.versions import facts_in, rules_in
from portal.challenges.editor.forms import Sectioned, asked
from portal.challenges.editor.written import Written
from portal.challenges.rules import REASON_MINIMUM
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_


def written(amendment: Amendment) -> Written:
    """The amended sheet as the editor shows it; each setting is told as what differs from it."""
    known = rules_in(amendment.sheet)
    return Written(facts_in(amendment.sheet), known, known, amendment.revision)


class ReasonForm(Sectioned):
    """Why a challenge is amended; the public reads it. A draft's may still be short."""

    reason = asked(fields.prose(N_("Reason"), 1000, required=False))


def reason_of(amendment: Amendment, anew: bool = False) -> ReasonForm:
    """The reason as it is stored; what was typed stands over it unless it is made `anew`."""
    values = {"reason": amendment.reason, "seen": amendment.revision}
    return ReasonForm(formdata=None, data=values) if anew else ReasonForm(data=values)


class ExtensionForm(PortalForm):
    """A later deadline, and why."""

    closes_at = fields.moment(N_("New deadline (Beijing time)"))
    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


class RemarksForm(PortalForm):
    """Why the second officer gives an amendment back."""

    remarks = fields.prose(N_("Remarks"), 1000, required=False)


class PaperForm(PortalForm):
    """A paper to attach, or to put in the place of another."""

    instead_of = SelectField(lazy_gettext(N_("In the place of")), validate_choice=True)
    title = fields.line(N_("Title of the paper"), required=False)
    file = fields.upload(N_("File (PDF, Word, Excel or picture)"))
