"""The iCalendar file of a panel."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.reviews.panels.calendar import FOLD, Event, written

NINE = datetime(2026, 5, 6, 1, tzinfo=UTC)


def event(summary: str = "会评：光学动捕", place: str = "首钢园 201") -> Event:
    half = timedelta(minutes=30)
    return Event("turn-1@jiebang", NINE, NINE + half, NINE, summary, place, "https://x.example/p")


def test_it_says_when_and_where_in_utc_with_two_alarms() -> None:
    lines = written(event()).decode().split("\r\n")
    assert "DTSTART:20260506T010000Z" in lines
    assert "DTEND:20260506T013000Z" in lines
    assert "SUMMARY:会评：光学动捕" in lines
    assert [one for one in lines if one.startswith("TRIGGER")] == ["TRIGGER:-P1D", "TRIGGER:-PT1H"]
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_long_lines_are_folded_and_no_text_ends_a_line_or_begins_a_property(text: str) -> None:
    whole = written(event(summary=f"{text}\r\nEND:VEVENT", place=text))
    lines = whole.split(b"\r\n")
    assert all(len(line) <= FOLD for line in lines)
    assert lines.count(b"END:VEVENT") == 1
    unfolded = whole.decode().replace("\r\n ", "")
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"LOCATION:{escaped}\r\n" in unfolded
