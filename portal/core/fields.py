"""Form fields in the portal's own terms: money in 万元, local moments, rows that may stay blank.

What makes a field returns Any: WTForms' stubs call every `data` optional, and a form is read only
after it has been validated.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Self, TypeVar, cast

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    Email,
    InputRequired,
    Length,
    Optional,
    StopValidation,
    ValidationError,
)

from portal.core.errors import Invalid, InvalidInput
from portal.core.files import Upload
from portal.core.money import MAXIMUM, WAN, wan, yuan
from portal.core.web import translated
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

W = TypeVar("W", bound=Worded)
Check = Callable[[Any, Any], None]

REQUIRED = N_("Please fill this in.")
TOO_LONG = N_("At most %(max)d characters, please.")
TOO_SHORT = N_("At least %(min)d characters, please.")


def _clean(value: str | None) -> str:
    """Without surrounding space and without the NUL that the database cannot keep."""
    return (value or "").replace("\x00", "").replace("\r\n", "\n").strip()


def _presence(required: bool) -> Check:
    check: Check = InputRequired(lazy_gettext(REQUIRED)) if required else Optional()
    return check


def _needed(required: bool) -> list[Check]:
    """For what is parsed: spaces alone are no answer, though a browser sends them as one."""
    return [_presence(required), _typed] if required else [_presence(required)]


def line(
    label: str, maximum: int = 200, required: bool = True, minimum: int = 0, **options: Any
) -> Any:
    """One line of text."""
    checks = [_not_blank] if required else []
    return StringField(
        lazy_gettext(label),
        [_presence(required), *checks, *_lengths(minimum, maximum)],
        filters=[_clean],
        **options,
    )


def prose(
    label: str, maximum: int = 5000, required: bool = True, minimum: int = 0, **options: Any
) -> Any:
    """Several lines of text."""
    checks = [_not_blank] if required else []
    return TextAreaField(
        lazy_gettext(label),
        [_presence(required), *checks, *_lengths(minimum, maximum)],
        filters=[_clean],
        **options,
    )


def email(label: str) -> Any:
    """An e-mail address."""
    wrong = lazy_gettext("Please enter an e-mail address, like name@example.org.")
    return StringField(
        lazy_gettext(label),
        [_presence(True), *_lengths(0, 254), Email(message=wrong)],
        filters=[_clean],
    )


def secret(label: str, maximum: int = 200, required: bool = True) -> Any:
    """A password, taken as it is typed."""
    return PasswordField(lazy_gettext(label), [_presence(required), *_lengths(0, maximum)])


def whole(label: str, low: int, high: int, required: bool = True, **options: Any) -> Any:
    """A whole number from `low` to `high`."""
    checks = [*_needed(required), _between(Decimal(low), Decimal(high))]
    return WholeField(lazy_gettext(label), checks, **options)


def number(
    label: str,
    low: Decimal | None = None,
    high: Decimal | None = None,
    required: bool = True,
    **options: Any,
) -> Any:
    """An exact decimal, with at most six places."""
    bounds = _between(low if low is not None else -MAXIMUM, high if high is not None else MAXIMUM)
    return NumberField(lazy_gettext(label), [*_needed(required), bounds], **options)


def money(label: str, required: bool = True, **options: Any) -> Any:
    """Money: typed in 万元, `data` in yuan; never negative."""
    checks = [*_needed(required), _between(Decimal(0), MAXIMUM)]
    return WanField(lazy_gettext(label), checks, **options)


def moment(label: str, required: bool = True) -> Any:
    """A local date and time of Beijing; `data` is aware, in UTC."""
    return LocalMomentField(lazy_gettext(label), _needed(required))


def choice(label: str, kind: type[W], among: Iterable[W] | None = None, **options: Any) -> Any:
    """One member of a Worded enum, of all or `among` some."""
    return SelectField(
        lazy_gettext(label),
        [_presence(True)],
        choices=choices(among or kind),
        coerce=_member_of(kind),
        **options,
    )


def choices(members: Iterable[W]) -> list[SelectChoice]:
    """Members of a Worded enum as the choices of a select."""
    return [SelectChoice(value=m.value, label=lazy_gettext(m.label)) for m in members]


def flag(label: str, **options: Any) -> Any:
    """A box to tick."""
    return BooleanField(lazy_gettext(label), **options)


def upload(label: str, required: bool = True) -> Any:
    """One file; its type is told by its content, in the service."""
    return UploadField(lazy_gettext(label), [_file_present] if required else [])


def rows(label: str, row: type["RowForm"], blank: int = 1, most: int = 40) -> Any:
    """A table of rows; rows left blank are not there."""
    return RowsField(FormField(row), label=lazy_gettext(label), min_entries=blank, max_entries=most)


def _lengths(minimum: int, maximum: int) -> list[Check]:
    checks: list[Check] = [Length(max=maximum, message=lazy_gettext(TOO_LONG, max=maximum))]
    if minimum:
        checks.append(Length(min=minimum, message=lazy_gettext(TOO_SHORT, min=minimum)))
    return checks


class Needed:
    """A mark on a field that a rule asks for, so that the page does not call it optional."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Whether it is there is for the rule to say."""


def _not_blank(form: Form, field: Field) -> None:
    if not field.data:
        raise StopValidation(gettext(REQUIRED))


def _typed(form: Form, field: Field) -> None:
    if not _clean(str(field.raw_data[0])):
        raise StopValidation(gettext(REQUIRED))


def _file_present(form: Form, field: Field) -> None:
    if not field.data:
        raise StopValidation(gettext("Please choose a file."))


def _between(low: Decimal, high: Decimal) -> Check:
    def check(form: Form, field: Field) -> None:
        if field.data is None:
            return
        if field.data < low:
            if low == 0:
                raise ValidationError(gettext("This must not be negative."))
            raise ValidationError(gettext("At least %(low)s, please.", low=format(low, "f")))
        if field.data > high:
            raise ValidationError(gettext("At most %(high)s, please.", high=format(high, "f")))

    return check


def _member_of(kind: type[W]) -> Callable[[object], W | None]:
    def coerce(value: object) -> W | None:
        if value is None or value == "":
            return None
        return kind(str(value))

    return coerce


class WholeField(IntegerField):
    """A whole number with the portal's words for what is not one."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data = None
        text = _clean(valuelist[0]) if valuelist else ""
        if not text:
            return
        try:
            self.data = int(text)
        except ValueError:
            raise ValueError(gettext("Please enter a whole number.")) from None


class NumberField(StringField):
    """An exact decimal number; refuses NaN and infinities."""

    places = 6

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data = None
        text = _clean(valuelist[0]).replace(",", "").replace("\uff0c", "") if valuelist else ""
        if not text:
            return
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise ValueError(gettext("Please enter a number.")) from None
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int):
            raise ValueError(gettext("Please enter a number."))
        if -exponent > self.places:
            raise ValueError(gettext("At most %(n)d decimal places, please.", n=self.places))
        self.data = self.taken(value if value else Decimal(0))

    def taken(self, value: Decimal) -> Decimal:
        """The typed number as `data`."""
        return value

    def shown(self, value: Decimal) -> str:
        """`data` as it is typed."""
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.shown(self.data)


class WanField(NumberField):
    """Money: the page shows 万元, `data` holds yuan."""

    places = 6

    def taken(self, value: Decimal) -> Decimal:
        """万元 to yuan."""
        if value < 0:
            raise ValueError(gettext("This must not be negative."))
        if value > MAXIMUM / WAN:
            raise ValueError(gettext("This amount is too large."))
        return yuan(value)

    def shown(self, value: Decimal) -> str:
        """Yuan to 万元."""
        return super().shown(wan(value))


class LocalMomentField(DateTimeLocalField):
    """A `datetime-local` input read as Beijing time."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse, or complain."""
        self.data = None
        text = _clean(valuelist[0]) if valuelist else ""
        if not text:
            return
        try:
            local = datetime.fromisoformat(text)
            if local.tzinfo is not None:
                raise ValueError("the field is in Beijing's time, whatever the text claims")
            self.data = local.replace(tzinfo=PLACE).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(gettext("Please enter a date and a time.")) from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.astimezone(PLACE).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class UploadField(FileField):
    """A file input whose `upload` is what services take."""

    @property
    def upload(self) -> Upload | None:
        """The file handed in, at its start; None when there is none."""
        if not isinstance(self.data, FileStorage) or not self.data.filename:
            return None
        return Upload(self.data.stream, self.data.filename)  # type: ignore[arg-type]


class RowForm(Form):
    """One row of a table; a row in which nothing was typed counts as absent."""

    def is_blank(self) -> bool:
        """Whether nobody typed anything here (selects and boxes aside)."""
        typed = (StringField, TextAreaField, IntegerField, DateTimeLocalField, DateField)
        return not any(_clean(str(f._value())) for f in self if isinstance(f, typed) and f._value())

    def validate(self, extra_validators: Any = None) -> bool:
        """A blank row is valid, and has no errors."""
        return self.is_blank() or bool(super().validate(extra_validators))


class RowsField(FieldList):
    """A list of rows whose `filled` are those with something in them."""

    @property
    def filled(self) -> list[Any]:
        """The row forms that are not blank."""
        return [entry.form for entry in self.entries if not entry.form.is_blank()]


class PortalForm(FlaskForm):
    """A form that can grow rows without JavaScript and shows the rules' messages at the fields."""

    def added_row(self) -> bool:
        """Whether an "add a row" button was pressed; if so the row is there, nothing else happens."""
        for field in self:
            if isinstance(field, RowsField) and f"add_{field.name}" in request.form:
                if len(field.entries) < field.max_entries:
                    field.append_entry()
                return True
        return False

    def among(self, mark: object) -> Self:
        """Give the fields ids of their own, for a form that stands several times on a page."""
        for field in self:
            field.id = field.label.field_id = f"{field.id}-{mark}"
        return self

    def takes(self, act: Callable[[], object]) -> bool:
        """Do an act with what was typed; whether it was taken. What it refuses stands at its field."""
        try:
            act()
        except (Invalid, InvalidInput) as error:
            self.place(error)
            return False
        return True

    def place(self, error: Invalid | InvalidInput) -> None:
        """Put each problem at its field; `rows.0.name` counts the rows that are not blank."""
        problems = error.problems if isinstance(error, InvalidInput) else [error]
        for problem in problems:
            text = translated(problem.message)
            path = problem.field.split(".")
            field = self._find(path)
            field.errors = [*field.errors, text]
            if field.name != path[0]:
                rows = self[path[0]]
                whole = [error for error in rows.errors if isinstance(error, str)]
                rows.errors = [*whole, *(entry.errors for entry in rows.entries)]

    def _find(self, path: Sequence[str]) -> Field:
        field: Field = self[path[0]]
        if not isinstance(field, FieldList) or len(path) != 3:
            return field
        whole = [entry.form for entry in field.entries]  # each line stands for one thing
        rows = field.filled if isinstance(field, RowsField) else whole
        return cast(Field, rows[int(path[1])][path[2]])
