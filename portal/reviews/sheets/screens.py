"""What the page of a score sheet shows, and what its form says."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms import Form

from portal.bids import screens as bid_screens
from portal.challenges.models import Criterion
from portal.challenges.rules import plain
from portal.reviews.sheets.forms import SheetForm
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.reading import PLACES, Shown, places_for
from portal.reviews.sheets.rules import SheetState
from portal.reviews.sheets.service import Points


@dataclass(frozen=True)
class Line:
    """A criterion with its fields, and the parts of the bid at which it looks."""

    criterion: Criterion
    form: Form
    places: list[str]


def of_sheet(found: Sheet, seen: Shown, form: SheetForm) -> dict[str, Any]:
    """A sheet beside its bid."""
    challenge = found.seat.round.challenge
    pairs = zip(challenge.criteria, form.lines, strict=True)
    return {
        "sheet": found,
        "seen": seen,
        "form": form,
        "challenge": challenge,
        "lines": [Line(one, line.form, places_for(one.name)) for one, line in pairs],
        "parts": {name: title for name, (title, _) in PLACES.items()},
        "matrix": bid_screens.matrix(challenge, seen.terms),
        "locked": found.state is SheetState.SUBMITTED,
    }


def stored(found: Sheet) -> dict[str, Any]:
    """What was saved, as the form shows it."""
    known = {score.criterion_id: score for score in found.scores}
    lines = []
    for criterion in found.seat.round.challenge.criteria:
        score = known.get(criterion.id)
        points, reason = (score.points, score.reason) if score else (None, "")
        lines.append({"points": points, "reason": reason})
    vote = "" if found.in_favour is None else "yes" if found.in_favour else "no"
    said = {"lines": lines, "comment": found.comment, "in_favour": vote}
    return {**said, "seen": str(found.revision)}


def points(found: Sheet, form: SheetForm) -> dict[UUID, Points]:
    """What was typed, by criterion."""
    pairs = zip(found.seat.round.challenge.criteria, form.lines, strict=True)
    return {one.id: Points(line.form.points.data, line.form.reason.data) for one, line in pairs}


def differing(found: Sheet, form: SheetForm) -> dict[str, str]:
    """What was saved where it is not what was typed, by the field's id; a blank as a dash."""
    saved = stored(found)
    pairs = [(form.comment, saved["comment"])]
    for line, kept in zip(form.lines, saved["lines"], strict=True):
        pairs += [(line.form.points, kept["points"]), (line.form.reason, kept["reason"])]
    return {field.id: _said(kept) for field, kept in pairs if _said(field.data) != _said(kept)}


def _said(value: Decimal | str | None) -> str:
    return (plain(value) if isinstance(value, Decimal) else value) or "—"
