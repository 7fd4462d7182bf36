"""The public list and page of challenges, and the officers' editor."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import get_locale, gettext
from sqlalchemy import Row
from werkzeug.wrappers import Response

from portal.challenges import forms, policy, queries, rules, service, stages
from portal.challenges.amendments.queries import in_force
from portal.challenges.finding import lists
from portal.challenges.finding import rules as finding
from portal.challenges.finding.screens import choices
from portal.challenges.finding.screens import place_of as place_of_row
from portal.challenges.models import Challenge
from portal.challenges.needs.queries import is_raiser
from portal.challenges.queries import PAGE
from portal.challenges.questions.queries import LATEST, amendment_numbers, answered
from portal.challenges.screens import TONES, board
from portal.challenges.ways import Way
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.parts import shared
from portal.core.web import (
    actor,
    cursor,
    done,
    now,
    place_of,
    public,
    see_other,
    send_stored,
    signed_in,
    visitor,
)
from portal.core.words import N_

pages = Blueprint("challenges", __name__)
Page = Response | str | tuple[str, int]


@pages.get("/challenges")
@public
@shared
def listed() -> str:
    """The list: published challenges, narrowed and sorted as the address says."""
    asked = finding.read(request.args)
    filters = asked.filters
    place = finding.place_in(filters.sort, request.args.get("before", ""))
    found = lists.counted(db.session, filters, now())
    rows = lists.public_list(db.session, filters, now(), place, found)
    return render_template(
        "challenges/list.html",
        board=board(rows[: lists.PAGE], now()) if rows else None,
        older=_behind(asked, rows[lists.PAGE - 1]) if len(rows) > lists.PAGE else None,
        asked=asked,
        choices=choices(found, filters, str(get_locale()) == "en"),
        total=found.total,
        most=lists.MOST_COUNTED,
        sorts=finding.Sort,
    )


def _behind(asked: finding.Reading, last: Row[Any]) -> str:
    place: dict[str, Any] = {**asked.kept, "before": place_of_row(last, asked.filters)}
    return url_for("challenges.listed", **place)


def _older(moment: datetime, key: UUID) -> str:
    return url_for(str(request.endpoint), before=place_of(moment, key))


@pages.get("/challenges/<code>")
@public
@shared
def page(code: str) -> str:
    """One challenge, whole."""
    challenge = queries.visible_by_code(db.session, visitor(), code)
    if challenge is None:
        raise NotFound
    person = visitor()
    manages = person is not None and bool(policy.may_manage(person, challenge))
    ways = list(_ways(challenge))
    answers = answered(db.session, challenge.id, limit=LATEST)
    return render_template(
        "challenges/page.html",
        challenge=challenge,
        rules=challenge.rules,
        phase=rules.phase(challenge.state, challenge.closes_at, now()),
        tones=TONES,
        manages=manages,
        may_propose=manages and person is not None and policy.may_propose(person, challenge),
        successor=queries.successor(db.session, challenge)
        if rules.may_follow(challenge.state)
        else None,
        ways=ways,
        is_raiser=is_raiser(db.session, person, challenge.id),
        answers=answers,
        linked=amendment_numbers(db.session, answers),
        amendments=in_force(db.session, challenge.id) if challenge.amended else [],
        **_line(challenge, ways),
    )


@pages.get("/challenges/<code>/papers/<uuid:paper_id>")
@public
def paper(code: str, paper_id: UUID) -> Response:
    """A paper of a challenge, for whoever may see the challenge."""
    return send_stored(queries.paper(db.session, visitor(), code, paper_id))


def _ways(challenge: Challenge) -> Iterator[Way]:
    for ways_on in current_app.extensions["challenge_ways"]:
        yield from ways_on(db.session, visitor(), challenge, now())


def _line(challenge: Challenge, ways: Iterable[Way]) -> dict[str, Any]:
    line = _labelled(stages.stages_of(challenge, now()))
    following = next((way.meanwhile for way in ways if way.meanwhile), None)
    following = following or stages.next_sentence(challenge, now())
    return {"stages": line, "next_sentence": gettext(following)}


def _labelled(line: Iterable[stages.Stage]) -> list[dict[str, Any]]:
    return [
        {"label": gettext(stage.label), "when": stage.when, "state": stage.state} for stage in line
    ]


@pages.get("/desk/challenges/<uuid:challenge_id>/preview")
@signed_in
def preview(challenge_id: UUID) -> Page:
    """What is not published yet, as the public will see it."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    if challenge.state not in rules.UNPUBLISHED:
        return see_other("challenges.page", code=challenge.code)
    return render_template(
        "challenges/page.html",
        challenge=challenge,
        rules=challenge.rules,
        phase=rules.Phase.OPEN,
        tones=TONES,
        is_preview=True,
        stages=_labelled(stages.stages_once_published(challenge, now())),
        next_sentence=gettext(stages.NEXT[rules.Phase.OPEN]),
        amendments=[],
        is_draft=challenge.state is rules.ChallengeState.DRAFT,
    )


@pages.get("/desk/challenges")
@signed_in
def mine() -> str:
    """The challenges of one's own body."""
    policy.may_write(actor()).enforce()
    rows = queries.mine(db.session, actor(), cursor("before"))
    older = _older(rows[PAGE - 1].created_at, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return render_template(
        "challenges/mine.html", rows=rows[:PAGE], older=older, phase=rules.phase, tones=TONES
    )


@pages.route("/desk/challenges/<uuid:challenge_id>/cancel", methods=["GET", "POST"])
@signed_in
def cancel(challenge_id: UUID) -> Page:
    """Take a challenge off the list, with a reason."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    form = forms.CancelForm()
    policy.may_cancel(actor(), challenge).enforce()
    if form.validate_on_submit():
        service.cancel(actor(), challenge_id, form.reason.data, now())
        done(N_("The challenge is cancelled."))
        return see_other("challenges.mine")
    page = render_template("challenges/cancel.html", form=form, challenge=challenge)
    return page, 422 if form.errors else 200
