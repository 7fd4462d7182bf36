"""Forms of measuring and acceptance."""

from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.projects.acceptance.rules import Judgement


def _key(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


class MeasureForm(PortalForm):
    """What one indicator measured, and how."""

    indicator = HiddenField(filters=[_key])
    value = fields.number(N_("Measured value"), required=False)
    met = RadioField(
        lazy_gettext(N_("Is it met?")),
        [Optional()],
        choices=fields.choices(Judgement),
    )
    how = fields.prose(N_("How it was measured, by whom and when"), 2000, minimum=20)
    evidence = fields.UploadField(lazy_gettext(N_("Evidence (PDF or picture)")), [fields.Needed()])

    @property
    def judgement(self) -> bool | None:
        """What was ticked; None when nothing was."""
        return self.met.data == Judgement.MET if self.met.data else None


class AcceptanceForm(PortalForm):
    """The conclusion of the acceptance, and what the project changed on its site."""

    conclusion = fields.prose(N_("Conclusion"), 5000, minimum=20)
    effect = fields.prose(N_("Effect on the site"), 5000, minimum=20)
