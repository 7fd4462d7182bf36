"""What a person follows."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.challenges import rules
from portal.challenges.finding import queries, service
from portal.challenges.finding.queries import PAGE
from portal.challenges.screens import TONES
from portal.core.db import db
from portal.core.web import actor, cursor, done, now, place_of, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("finding", __name__)


@pages.get("/following")
@signed_in
def following() -> str:
    """What I follow, the latest first."""
    rows = queries.followed(db.session, actor(), cursor("before"))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = url_for("finding.following", before=place_of(last.at, last.id)) if last else None
    return render_template(
        "finding/following.html", rows=rows[:PAGE], older=older, phase=rules.phase, tones=TONES
    )


@pages.post("/challenges/<code>/follow")
@signed_in
def follow(code: str) -> Response:
    """Follow a challenge."""
    service.follow(actor(), code, now())
    done(N_("You follow this challenge: its news comes to your inbox."))
    return see_other("challenges.page", code=code)


@pages.post("/following/<uuid:challenge_id>/stop")
@signed_in
def unfollow(challenge_id: UUID) -> Response:
    """Stop following a challenge; `back` is the code of the challenge whose page asked for it."""
    service.unfollow(actor(), challenge_id)
    done(N_("You no longer follow this challenge."))
    code = request.args.get("back")
    return see_other("challenges.page", code=code) if code else see_other("finding.following")
