"""A panel's time as an iCalendar file (RFC 5545) that every calendar takes in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

FOLD = 75
"""Octets of a line; what is longer goes on in the next, behind a blank."""
ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
MEDIA_TYPE = "text/calendar"


@dataclass(frozen=True)
class Event:
    """What stands in the calendar; the same `uid` with a later `changed_at` replaces it."""

    uid: str
    begins_at: datetime
    ends_at: datetime
    changed_at: datetime
    summary: str
    place: str
    url: str


def written(event: Event) -> bytes:
    """The file: UTF-8, lines end with CR LF, moments in UTC, an alarm a day and an hour before."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Jiebang//Panel//ZH",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_moment(event.changed_at)}",
        f"DTSTART:{_moment(event.begins_at)}",
        f"DTEND:{_moment(event.ends_at)}",
        f"SUMMARY:{event.summary.translate(ESCAPES)}",
        f"LOCATION:{event.place.translate(ESCAPES)}",
        f"URL:{event.url}",
        *_alarm(event, "-P1D"),
        *_alarm(event, "-PT1H"),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _alarm(event: Event, before: str) -> list[str]:
    words = event.summary.translate(ESCAPES)
    trigger = ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{before}"]
    return [*trigger, f"DESCRIPTION:{words}", "END:VALARM"]


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets, none of which cuts a character."""
    part, size = "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > FOLD:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + width
    yield part
