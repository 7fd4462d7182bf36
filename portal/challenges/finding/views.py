"""What a person follows."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.challenges import rules
from portal.challenges.finding import forms, queries, service
from portal.challenges.finding import rules as finding
from portal.challenges.finding.queries import PAGE
from portal.challenges.screens import TONES
from portal.core.access import BIDDERS
from portal.core.db import db
from portal.core.web import actor, cursor, done, now, place_of, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("finding", __name__)


@pages.get("/following")
@signed_in
def following() -> str:
    """What I follow, the latest first, and the searches that I have saved."""
    rows = queries.followed(db.session, actor(), cursor("before"))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    older = url_for("finding.following", before=place_of(last.at, last.id)) if last else None
    return render_template(
        "finding/following.html",
        rows=rows[:PAGE],
        older=older,
        phase=rules.phase,
        tones=TONES,
        searches=queries.saved(db.session, actor()),
        quiet=forms.QuietForm(data={"every": not queries.is_quiet(db.session, actor())}),
        hears=actor().has(*BIDDERS),
    )


@pages.route("/following/searches/new", methods=["GET", "POST"])
@signed_in
def save() -> str | Response | tuple[str, int]:
    """Give the search in the address a name, and keep it."""
    form, asked = forms.SearchForm(), finding.read(request.args)
    if form.validate_on_submit() and form.takes(
        lambda: service.save_search(actor(), form.name.data, request.args, now())
    ):
        done(N_("The search is saved: you are told when something new fits it."))
        return see_other("finding.following")
    page = render_template("finding/save.html", form=form, asked=asked)
    return page, 422 if form.errors else 200


@pages.post("/following/searches/<uuid:search_id>/drop")
@signed_in
def drop(search_id: UUID) -> Response:
    """Forget a search."""
    service.drop_search(actor(), search_id)
    done(N_("The search is deleted."))
    return see_other("finding.following")


@pages.post("/following/quiet")
@signed_in
def quiet() -> Response:
    """Say whether to hear of every new challenge."""
    service.set_quiet(actor(), not forms.QuietForm().every.data)
    done(N_("Saved."))
    return see_other("finding.following")


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
