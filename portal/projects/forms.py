"""Forms of milestones, money, measuring and acceptance."""

from uuid import UUID

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.files import Upload
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_
from portal.projects.rules import Judgement

MOST_FILES = 10


class EvidenceField(MultipleFileField):
    """Several files at once; `uploads` is what services take."""

    @property
    def uploads(self) -> list[Upload]:
        """The files handed in, each at its start."""
        found = [one for one in self.data or [] if isinstance(one, FileStorage) and one.filename]
        return [Upload(one.stream, one.filename or "") for one in found]  # type: ignore[arg-type]


def _not_too_many(form: object, field: EvidenceField) -> None:
    if len(field.uploads) > MOST_FILES:
        raise ValidationError(gettext("At most %(most)d files at once, please.", most=MOST_FILES))


class ReportForm(PortalForm):
    """What a milestone has shown, with files that prove it."""

    report = fields.prose(N_("What was shown"), 5000, minimum=20)
    evidence = EvidenceField(
        lazy_gettext(N_("Evidence (PDF or pictures)")), [_not_too_many, fields.Needed()]
    )


class AcceptForm(PortalForm):
    """A word to the team with the acceptance of a milestone."""

    answer = fields.prose(N_("Remark"), 2000, required=False)


class ReturnForm(PortalForm):
    """Why a report goes back."""

    answer = fields.prose(N_("What is missing"), 2000, minimum=20)


class VoucherForm(PortalForm):
    """The number under which a tranche was paid."""

    voucher = fields.line(N_("Voucher number"), 100)


class OwnMoneyForm(PortalForm):
    """How much the team has brought in so far, from one of its own sources."""

    source = SelectField(
        lazy_gettext(N_("Fund source")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(source for source in FundSource if source not in PUBLIC_SOURCES),
        coerce=FundSource,
    )
    amount = fields.money(N_("Brought in so far, in all"))


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
