"""Which bids of a challenge are alike, and one pair side by side: for officers and auditors."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.bids import service as bid_service
from portal.bids.likeness import policy, queries, screens, service
from portal.bids.likeness.forms import JudgementForm
from portal.bids.likeness.models import LikePair
from portal.challenges import queries as challenge_queries
from portal.challenges.models import Challenge
from portal.core import jobs
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("likeness", __name__)
Page = AnyResponse | tuple[str, int]


def _opened(code: str) -> Challenge:
    challenge = challenge_queries.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_see(actor(), challenge):
        raise NotFound
    return challenge


@pages.get("/challenges/<code>/likeness")
@signed_in
def listed(code: str) -> str:
    """The pairs, the most alike first."""
    challenge = _opened(code)
    after = request.args.get("after", -1, type=int)
    rows = queries.listed(db.session, challenge.id, min(max(after, -1), 1 << 62))
    more = rows[queries.PAGE - 1].position if len(rows) > queries.PAGE else None
    return render_template(
        "likeness/list.html",
        challenge=challenge,
        rows=[(pair, policy.may_read_both(actor(), pair)) for pair in rows[: queries.PAGE]],
        onward=None if more is None else url_for("likeness.listed", code=code, after=more),
        first=url_for("likeness.listed", code=code) if after >= 0 else None,
        waiting=queries.to_look_at(db.session, challenge.id),
        job=jobs.latest(db.session, service.KIND, challenge.subject_ref),
        may_compare=policy.may_compare(actor(), challenge),
        screens=screens,
    )


@pages.post("/challenges/<code>/likeness")
@signed_in
def compare(code: str) -> AnyResponse:
    """Have the bids compared."""
    job = service.ask(actor(), _opened(code).id, now())
    return see_other("jobs.shown", job_id=job.id)


@pages.route("/likeness/<uuid:pair_id>", methods=["GET", "POST"])
@signed_in
def pair(pair_id: UUID) -> Page:
    """One pair side by side, and what the officer makes of it."""
    found = queries.visible_to(db.session, actor(), pair_id)
    if request.method == "POST":
        policy.may_judge(actor(), found).enforce()
    form = JudgementForm()
    if form.validate_on_submit() and form.takes(
        lambda: service.judge(actor(), pair_id, form.chosen, form.note.data, now())
    ):
        done(N_("Your judgement is kept."))
        return see_other("likeness.listed", code=found.challenge.code)
    page = render_template("likeness/pair.html", form=form, **_compared(found))
    _note_reading(found)
    return page, 422 if form.errors else 200


def _compared(found: LikePair) -> dict[str, Any]:
    both = policy.may_read_both(actor(), found)
    texts = queries.texts(db.session, [found.bid_id, found.other_id]) if both else {}
    left, right = texts.get(found.bid_id), texts.get(found.other_id)
    return {
        "pair": found,
        "challenge": found.challenge,
        "both": both,
        "unread": [name for one in (left, right) if one for name in one.unread],
        "passages": screens.shown(found, left, right) if left and right else [],
        "may_judge": policy.may_judge(actor(), found),
        "judge": queries.judge_of(db.session, found),
        "screens": screens,
    }


def _note_reading(found: LikePair) -> None:
    if policy.may_read_both(actor(), found):
        bids = (found.bid, found.other)
        for bid in bids:
            bid_service.note_reading(actor(), bid, "likeness", now())
