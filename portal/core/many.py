"""Form fields that hold several answers: boxes to tick, and shares with commas between them."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask_babel import gettext, lazy_gettext
from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core.fields import Needed, choices
from portal.core.words import Worded

W = TypeVar("W", bound=Worded)
SEPARATORS = str.maketrans(dict.fromkeys("，、;；/+% ", ","))
"""What people write between numbers."""


def several(label: str, kind: type[W], members: Iterable[W]) -> Any:
    """Some members of a Worded enum, as boxes to tick; `data` is a tuple in the enum's order."""
    read: Callable[[object], W] = lambda value: kind(str(value))  # noqa: E731 - a type for mypy
    return SeveralField(lazy_gettext(label), choices=choices(members), coerce=read)


def shares(label: str) -> Any:
    """Whole numbers with commas between them; `data` is a tuple, what they sum to is for a rule."""
    return SharesField(lazy_gettext(label), [Needed()])


class SeveralField(SelectMultipleField):
    """Boxes to tick; how many must be is for a rule to say."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the order of the choices, whatever the order of what was sent."""
        known = [str(choice.value) for choice in self.choices or ()]
        self.data: tuple[Any, ...] = tuple(
            self.coerce(value) for value in known if value in valuelist
        )
        if set(valuelist) - set(known):
            raise ValueError(gettext("Please choose from the list."))

    def pre_validate(self, form: object) -> None:
        """Everything was looked at when it was read."""


class SharesField(StringField):
    """Whole percentages with commas between them."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data: tuple[int, ...] = ()
        text = valuelist[0].translate(SEPARATORS) if valuelist else ""
        try:
            self.data = tuple(int(part) for part in text.split(",") if part.strip())
        except ValueError:
            told = gettext("Please enter whole numbers with commas between them.")
            raise ValueError(told) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return ", ".join(str(one) for one in self.data or ())
