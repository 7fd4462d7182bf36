"""A form field for several files at once, such as evidence."""

from typing import Any, BinaryIO, cast

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portal.core.fields import Needed
from portal.core.files import Upload

MOST_FILES = 10


class EvidenceField(MultipleFileField):
    """Several files at once; `uploads` is what services take."""

    @property
    def uploads(self) -> list[Upload]:
        """The files handed in, each at its start."""
        found = [one for one in self.data or [] if isinstance(one, FileStorage) and one.filename]
        return [Upload(cast(BinaryIO, one.stream), one.filename or "") for one in found]


def several(label: str, required: bool = True) -> Any:
    """Files, at most ten at once; whether there are enough is for the rules to say."""
    marks = [Needed()] if required else []
    return EvidenceField(lazy_gettext(label), [_not_too_many, *marks])


def _not_too_many(form: object, field: EvidenceField) -> None:
    if len(field.uploads) > MOST_FILES:
        raise ValidationError(gettext("At most %(most)d files at once, please.", most=MOST_FILES))
