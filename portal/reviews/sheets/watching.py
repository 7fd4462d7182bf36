"""The sheets of a round as an officer goes through them: of one reviewer or of all, a page at a time."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.challenges.models import Challenge
from portal.core.db import db
from portal.reviews.sheets import queries

PAGE = 50


def watched_sheets(challenge: Challenge) -> dict[str, Any]:
    """The page that the address asks for, and how far each reviewer is."""
    chosen, after = (request.args.get(name, type=UUID) for name in ("reviewer", "after"))
    rows = queries.sheets_of_challenge(db.session, challenge.id, chosen, after, PAGE + 1)
    shown = rows[:PAGE]
    seats = queries.progress_of_seats(db.session, challenge.id)
    return {
        "rows": shown,
        "seats": seats,
        "chosen": chosen,
        "done": sum(row[2] for row in seats),
        "all": sum(row[3] for row in seats),
        "onward": _address(challenge, chosen, shown[-1].id) if len(rows) > PAGE else None,
        "first": _address(challenge, chosen) if after else None,
        "asked": queries.returns_asked(db.session, shown),
    }


def _address(challenge: Challenge, chosen: UUID | None, after: UUID | None = None) -> str:
    return url_for("sheets.listed", code=challenge.code, reviewer=chosen, after=after)
