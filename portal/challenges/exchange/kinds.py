"""Kinds of cells: how each is read from what stands in a file, and how it is written there."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol

from portal.core.money import MAXIMUM, WAN, yuan
from portal.core.words import N_
from portal.core.workdays import PLACE

Raw = object
"""What a reader finds in a cell: text, or a number, a date or a truth of the table program."""
Written = str | int | Decimal | bool | datetime
"""What a writer puts there."""

CLOSING_TIME = time(17)
"""The hour of a deadline of which a file names only the day."""
PLACES = 6
DIGITS = 15
"""What a table program keeps of a number."""


class Wrong(Exception):
    """A cell that cannot be read; carries the words for the report."""

    def __init__(self, text: str, **parameters: object) -> None:
        super().__init__(text)
        self.text = text
        self.parameters = parameters


class Kind(Protocol):
    """What a column's cells are."""

    @property
    def empty(self) -> object:
        """What a cell left blank means."""

    def read(self, raw: Raw, now: datetime) -> object:
        """The meaning of a cell that is not blank. Raises Wrong."""

    def plain(self, value: object) -> Written:
        """The value for YAML."""

    def cell(self, value: object, language: str) -> Written:
        """The value for a workbook."""


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What neither a workbook nor YAML nor a reader can do anything with."""
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


def tidy(text: str) -> str:
    """Text as the portal keeps it: no control characters, one kind of line end, no space around."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text)).strip()


def as_text(raw: Raw) -> str:
    """Whatever stands in a cell, as text."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return _digits(_decimal(raw))
    if isinstance(raw, datetime):
        return raw.isoformat(" ", "minutes")
    return tidy(str(raw))


def _digits(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _decimal(raw: Raw) -> Decimal:
    """A number exactly as its reader sees it. Raises Wrong."""
    if isinstance(raw, float):
        raw = f"{raw:.{DIGITS}g}"
    text = unicodedata.normalize("NFKC", as_text(raw)).replace(",", "").replace(" ", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Wrong(N_("Please enter a number.")) from None
    if not value.is_finite():
        raise Wrong(N_("Please enter a number."))
    return value if value else Decimal(0)


def _bounded(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    if value < low and low == 0:
        raise Wrong(N_("This must not be negative."))
    if value < low:
        raise Wrong(N_("At least %(low)s, please."), low=_digits(low))
    if value > high:
        raise Wrong(N_("At most %(high)s, please."), high=_digits(high))
    return value


def _placed(value: Decimal) -> Decimal:
    if value != value.quantize(Decimal(1).scaleb(-PLACES)):
        raise Wrong(N_("At most %(n)d decimal places, please."), n=PLACES)
    return value


@dataclass(frozen=True)
class Prose:
    """Several lines of text."""

    maximum: int = 5000
    empty: object = ""

    def read(self, raw: Raw, now: datetime) -> str:
        """The text. Raises Wrong when it is too long."""
        text = self.normal(as_text(raw))
        if len(text) > self.maximum:
            raise Wrong(N_("At most %(max)d characters, please."), max=self.maximum)
        return text

    def normal(self, text: str) -> str:
        """The text as it is kept."""
        return tidy(text)

    def plain(self, value: object) -> Written:
        """The text itself."""
        return self.normal(str(value))

    def cell(self, value: object, language: str) -> Written:
        """The text itself."""
        return self.normal(str(value))


@dataclass(frozen=True)
class Line(Prose):
    """One line of text."""

    maximum: int = 200

    def normal(self, text: str) -> str:
        """On one line."""
        return re.sub(r"\s*[\n\t]\s*", " ", tidy(text))


@dataclass(frozen=True)
class Number:
    """An exact decimal number with at most six places."""

    low: Decimal = -MAXIMUM
    high: Decimal = MAXIMUM
    empty: object = None

    def read(self, raw: Raw, now: datetime) -> Decimal:
        """The number. Raises Wrong."""
        return _placed(_bounded(_decimal(raw), self.low, self.high))

    def plain(self, value: object) -> Written:
        """The number without trailing zeros."""
        return Decimal(_digits(Decimal(str(value))))

    def cell(self, value: object, language: str) -> Written:
        """The same."""
        return self.plain(value)


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int
    empty: object = None

    def read(self, raw: Raw, now: datetime) -> int:
        """The number. Raises Wrong."""
        value = _bounded(_decimal(raw), Decimal(self.low), Decimal(self.high))
        if value != int(value):
            raise Wrong(N_("Please enter a whole number."))
        return int(value)

    def plain(self, value: object) -> Written:
        """The number."""
        return int(str(value))

    def cell(self, value: object, language: str) -> Written:
        """The number."""
        return int(str(value))


@dataclass(frozen=True)
class Wan:
    """Money: the file has 万元, to the cent; the portal keeps yuan."""

    empty: object = Decimal(0)

    def read(self, raw: Raw, now: datetime) -> Decimal:
        """Yuan. Raises Wrong."""
        return yuan(_placed(_bounded(_decimal(raw), Decimal(0), MAXIMUM / WAN)))

    def plain(self, value: object) -> Written:
        """万元, exactly."""
        return Decimal(_digits(Decimal(str(value)) / WAN))

    def cell(self, value: object, language: str) -> Written:
        """万元, exactly."""
        return self.plain(value)


_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[T ]?\s*(?:(\d{1,2}):(\d{2}))?(?::\d{2})?"
)
_AHEAD = re.compile(r"\+(\d{1,4})\s*[d天日]\s*(?:(\d{1,2}):(\d{2}))?")


@dataclass(frozen=True)
class Moment:
    """A day and a time of Beijing, to the minute; `+40d 17:00` counts from the day of the import."""

    empty: object = None

    def read(self, raw: Raw, now: datetime) -> datetime:
        """The moment, in UTC. Raises Wrong."""
        try:
            local = self._local(raw, now)
            return local.replace(second=0, microsecond=0, tzinfo=PLACE).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Wrong(N_("Please enter a date and a time, like 2026-12-18 17:00.")) from None

    def _local(self, raw: Raw, now: datetime) -> datetime:
        if isinstance(raw, datetime):
            return raw.replace(tzinfo=None)
        if isinstance(raw, date):
            return datetime.combine(raw, CLOSING_TIME)
        text = unicodedata.normalize("NFKC", as_text(raw))
        if ahead := _AHEAD.fullmatch(text):
            day = now.astimezone(PLACE).date() + timedelta(days=int(ahead[1]))
            return datetime.combine(day, _hour(ahead[2], ahead[3]))
        if named := _DAY.fullmatch(text):
            day = date(int(named[1]), int(named[2]), int(named[3]))
            return datetime.combine(day, _hour(named[4], named[5]))
        raise ValueError(text)

    def plain(self, value: object) -> Written:
        """As people write it."""
        return f"{self._shown(value):%Y-%m-%d %H:%M}"

    def cell(self, value: object, language: str) -> Written:
        """A date of the table program."""
        return self._shown(value)

    def _shown(self, value: object) -> datetime:
        if not isinstance(value, datetime):
            raise TypeError(value)
        return value.astimezone(PLACE).replace(second=0, microsecond=0, tzinfo=None)


def _hour(hour: str | None, minute: str | None) -> time:
    return time(int(hour), int(minute or 0)) if hour else CLOSING_TIME
