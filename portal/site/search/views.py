"""The page of the search."""

from flask import Blueprint, render_template, request

from portal.challenges.finding import lists as challenges
from portal.challenges.finding.rules import WORDS_TYPED, Filters
from portal.challenges.screens import board
from portal.core.db import db
from portal.core.parts import shared
from portal.core.web import now, public
from portal.projects.registry import finding as projects
from portal.site.search.guides import helping
from portal.site.search.organisations import organisations

pages = Blueprint("search", __name__)
SHOWN = 5
"""How many of a kind are shown; the rest is on the kind's own list."""


@pages.get("/search")
@public
@shared
def found() -> str:
    """What everybody may see and has the words."""
    words = request.args.get("words", "").strip()[:WORDS_TYPED]
    return render_template("search/page.html", words=words, **(_of(words) if words else {}))


def _of(words: str) -> dict[str, object]:
    filters, asked = Filters(words=words), projects.Asked(words=words)
    counts = challenges.counted(db.session, filters, now())
    rows = challenges.public_list(db.session, filters, now(), known=counts)[:SHOWN]
    return {
        "challenges": board(rows, now()) if rows else None,
        "challenges_total": counts.total,
        "challenges_most": challenges.MOST_COUNTED,
        "projects": projects.page(db.session, asked, None)[:SHOWN],
        "projects_total": projects.counts(db.session, asked)[0],
        "organisations": organisations(db.session, words, SHOWN),
        "help": helping(words, SHOWN),
    }
