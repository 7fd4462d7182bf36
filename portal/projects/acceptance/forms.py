"""Forms of measuring and acceptance."""

from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from portal.core import fields
from portal.core.days import day
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.projects.acceptance.rules import Measurement, Verdict


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
        choices=fields.choices(Verdict),
    )
    how = fields.prose(N_("How it was measured"), 2000, minimum=20)
    tester = fields.line(N_("Tested by"), 200)
    tested_on = day(N_("Tested on"))
    evidence = fields.UploadField(lazy_gettext(N_("Evidence (PDF or picture)")), [fields.Needed()])

    @property
    def told(self) -> Measurement:
        """What was typed."""
        verdict = Verdict(self.met.data) if self.met.data else None
        tested_on = self.tested_on.data
        return Measurement(
            self.value.data, verdict, self.how.data or "", self.tester.data or "", tested_on
        )


class AcceptanceForm(PortalForm):
    """The conclusion of the acceptance, and what the project changed on its site."""

    conclusion = fields.prose(N_("Conclusion"), 5000, minimum=20)
    effect = fields.prose(N_("Effect on the site"), 5000, minimum=20)
