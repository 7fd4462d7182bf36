"""A form field for a day of the calendar."""

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms.fields.datetime import DateField
from wtforms.validators import InputRequired, Optional

from portal.core.fields import REQUIRED


def day(label: str, required: bool = True) -> Any:
    """A day of the calendar."""
    presence = InputRequired(lazy_gettext(REQUIRED)) if required else Optional()
    return DayField(lazy_gettext(label), [presence])


class DayField(DateField):
    """A date with the portal's words for what is not one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            self.data = date.fromisoformat(text)
        except ValueError:
            raise ValueError(gettext("Please enter a date.")) from None
