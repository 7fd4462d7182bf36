"""Two texts side by side, as the page shows them: what is the same is marked, with a little around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from portal.bids.likeness.material import Part, part_at
from portal.bids.likeness.models import BidText, LikePair
from portal.bids.likeness.rules import OTHER_PART, PARTS, PairState

AROUND = 30
"""Characters before and after a passage, so that one sees where it stands."""
MOST = 7000
"""Characters of each side on a page; longer passages are cut, further ones counted."""
TONES = {
    PairState.OPEN: "waiting",
    PairState.HARMLESS: "done",
    PairState.FOLLOW_UP: "late",
}


@dataclass(frozen=True)
class Piece:
    """A few words; `same` when the other bid has them too."""

    text: str
    same: bool


@dataclass(frozen=True)
class Column:
    """One side of a passage."""

    where: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Shown:
    """A passage in both bids."""

    length: int
    left: Column
    right: Column


def shown(pair: LikePair, left: BidText, right: BidText) -> list[Shown]:
    """The longest passages, as many as fit on a page."""
    rows = []
    room = MOST
    for row in pair.passages:
        if room <= 0:
            break
        rows.append(
            Shown(
                row["length"],
                _column(left, row["left"], room),
                _column(right, row["right"], room),
            )
        )
        room -= max(
            row["left"][-1][1] - row["left"][0][0], row["right"][-1][1] - row["right"][0][0]
        )
    return rows


def _column(read: BidText, spans: list[list[int]], room: int) -> Column:
    parts = read.named_parts
    part = part_at(parts, spans[0][0])
    floor = part.start if part else 0
    ceiling = min((one.start for one in parts if one.start > spans[-1][0]), default=len(read.text))
    pieces = tuple(_pieces(read.text, spans, spans[0][0] + room, (floor, ceiling)))
    return Column(where(part), pieces)


def _pieces(
    text: str, spans: Sequence[Sequence[int]], limit: int, within: tuple[int, int]
) -> Iterator[Piece]:
    """The words of the spans, and around them a little of the same part."""
    floor, ceiling = within
    place = max(floor, spans[0][0] - AROUND)
    if place > floor:
        yield Piece("…", False)
    for start, end in spans:
        if start >= limit:
            break
        if start > place:
            yield Piece(text[place:start], False)
        yield Piece(text[max(place, start) : min(end, limit)], True)
        place = max(place, min(end, limit))
    rest = text[place : min(place + AROUND, ceiling)]
    yield Piece(f"{rest}…" if place + AROUND < ceiling else rest, False)


def where(part: Part | None) -> str:
    """The name of a part, in the reader's language."""
    if part is None:
        return ""
    if not part.page:
        return str(gettext(PARTS.get(part.name, OTHER_PART)))
    page = gettext("%(name)s, page %(page)s")
    return str(page % {"name": part.name, "page": part.page})


def percent(pair: LikePair) -> str:
    """How much of the shorter text stands in the other."""
    return f"{pair.score * 100:.0f}"


def hint_rows(pair: LikePair) -> list[dict[str, Any]]:
    """What both show beside their text, in words."""
    return [
        {"label": gettext(hint.kind.label), "values": hint.values} for hint in pair.shared_hints
    ]
