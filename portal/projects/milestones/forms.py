"""Forms of milestones."""

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.files import Upload
from portal.core.words import N_

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


class ReworkForm(PortalForm):
    """What has to be put right, and by when."""

    answer = fields.prose(N_("What is missing"), 2000, minimum=20)
    until = fields.moment(N_("To be reworked by"))


class ReasonForm(PortalForm):
    """Why a milestone fails, or why the project goes on without it."""

    answer = fields.prose(N_("Reason"), 2000, minimum=20)
