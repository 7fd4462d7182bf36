"""What of a bid is compared: the texts of its form and of its files, and which part stands where."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.bids.likeness.reading import Reading
from portal.challenges.models import Challenge

NOT_TEXT = frozenset({"members", "budget", "avoid", "attachments"})
"""People, money and files are compared as hints, not as text."""
SAYS_SOMETHING = re.compile(r"[㐀-鿿]|[^\W\d]{2,}\s+[^\W\d]{2,}")
"""Chinese, or words in a row: not a number, a code or an id."""
UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""What PDF files may say and a database does not keep."""


@dataclass(frozen=True)
class Part:
    """Where a part of the text begins; `name` is a field of the form, or a file with its page."""

    start: int
    name: str
    page: int = 0


@dataclass(frozen=True)
class Material:
    """All text of a bid in a row, with its parts."""

    text: str
    parts: tuple[Part, ...]


def collect(terms: dict[str, Any], files: Iterable[tuple[str, Reading]]) -> Material:
    """Put the texts of the form and of the files in a row."""
    text: list[str] = []
    parts: list[Part] = []
    length = 0
    for name, page, said in (*_of_form(terms), *_of_files(files)):
        said = UNKEPT.sub(" ", said)
        parts.append(Part(length, name, page))
        text.append(said)
        length += len(said) + 1
    return Material("\n".join(text), tuple(parts))


def _of_form(terms: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    for name, value in terms.items():
        said = [] if name in NOT_TEXT else [one for one in _strings(value) if one]
        if said:
            yield name, 0, "\n".join(said)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if SAYS_SOMETHING.search(value):
            yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _of_files(files: Iterable[tuple[str, Reading]]) -> Iterator[tuple[str, int, str]]:
    for name, reading in files:
        for number, page in enumerate(reading.pages, start=1):
            if page.strip():
                yield name, number, page


def part_at(parts: Iterable[Part], place: int) -> Part | None:
    """The part in which a place of the text lies."""
    found = None
    for part in parts:
        if part.start > place:
            break
        found = part
    return found


def call_text(challenge: Challenge, form: str) -> str:
    """What bids may say alike: what the challenge itself says, and `form`, the portal's own words
    on the paper of a bid."""
    lines = [
        form,
        f"{challenge.code}{challenge.title}",
        challenge.summary,
        challenge.background,
        challenge.content,
        challenge.scenario_site,
        challenge.scenario_owner,
        challenge.scenario_use,
        challenge.scenario_access,
    ]
    for indicator in challenge.indicators:
        lines += [f"{indicator.name}{indicator.asked}", indicator.test_method]
    lines += [f"{criterion.name}{criterion.guidance}" for criterion in challenge.criteria]
    return "\n".join(lines)
