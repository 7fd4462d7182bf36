"""The page of a ranking, and its files."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.audit.service import note_export
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, download, now, signed_in
from portal.reviews.rankings import exporting, queries, screens
from portal.reviews.rankings.disagreement import queries as disagreement_queries
from portal.reviews.rankings.models import Ranking
from portal.reviews.rounds import policy

pages = Blueprint("rankings", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _found(code: str, ranking_id: UUID | None = None) -> tuple[Challenge, Ranking]:
    """A challenge whose round the reader may watch, and a snapshot of it. Raises NotFound."""
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_watch(actor(), challenge):
        raise NotFound
    found = queries.all_of(db.session, challenge.id)
    chosen = [one for one in found if ranking_id in (None, one.id)]
    if not chosen:
        raise NotFound
    return challenge, chosen[0]


@pages.get("/challenges/<code>/ranking")
@signed_in
def latest(code: str) -> str:
    """The newest snapshot."""
    return _page(*_found(code))


@pages.get("/challenges/<code>/ranking/<uuid:ranking_id>")
@signed_in
def page(code: str, ranking_id: UUID) -> str:
    """One snapshot, as it was frozen."""
    return _page(*_found(code, ranking_id))


def _page(challenge: Challenge, ranking: Ranking) -> str:
    start = max(request.args.get("behind", 0, type=int), 0)
    facts: dict[str, Any] = screens.page_of(db.session, challenge, ranking, start)
    known = disagreement_queries.of_challenge(db.session, challenge.id)
    here, onward = url_for("rankings.page", code=challenge.code, ranking_id=ranking.id), None
    if start + screens.PAGE < len(ranking.places):
        onward = f"{here}?behind={start + screens.PAGE}"
    return render_template(
        "reviews/rankings/page.html",
        **facts,
        disagreements=known,
        first=here if start else None,
        onward=onward,
    )


@pages.get("/challenges/<code>/ranking/<uuid:ranking_id>/scores.csv")
@signed_in
def scores(code: str, ranking_id: UUID) -> Response:
    """The scores behind a snapshot, as `jiebang rank` reads them."""
    challenge, ranking = _found(code, ranking_id)
    content = exporting.scores_csv(challenge, screens.shown(db.session, challenge, ranking))
    note_export(actor(), challenge.subject_ref, "scores.csv", now())
    return download(content, "text/csv", f"{code}-{ranking.number}.csv")


@pages.get("/challenges/<code>/ranking/<uuid:ranking_id>/workbook.xlsx")
@signed_in
def workbook(code: str, ranking_id: UUID) -> Response:
    """A workbook that computes the order anew."""
    challenge, ranking = _found(code, ranking_id)
    content = exporting.workbook(challenge, screens.shown(db.session, challenge, ranking))
    note_export(actor(), challenge.subject_ref, "workbook.xlsx", now())
    return download(content, XLSX, f"{code}-{ranking.number}.xlsx")
