"""The public list and page of challenges, and the officers' editor."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import get_locale, gettext
from sqlalchemy import Row
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.challenges import forms, policy, queries, rules, service, stages
from portal.challenges.amendments.queries import in_force
from portal.challenges.approvals import service as approvals
from portal.challenges.finding import lists
from portal.challenges.finding import rules as finding
from portal.challenges.finding.screens import choices
from portal.challenges.finding.screens import place_of as place_of_row
from portal.challenges.models import Challenge
from portal.challenges.needs.queries import is_raiser
from portal.challenges.queries import PAGE
from portal.challenges.questions.queries import LATEST, amendment_numbers, answered
from portal.challenges.screens import TONES, board
from portal.challenges.sheet import ChallengeFacts
from portal.challenges.ways import Way
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.parts import shared
from portal.core.web import (
    actor,
    cursor,
    done,
    now,
    place_of,
    public,
    see_other,
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
    rows = lists.public_list(db.session, filters, now(), place)
    found = lists.counted(db.session, filters, now())
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
    answers = answered(db.session, challenge.id, limit=LATEST)
    return render_template(
        "challenges/page.html",
        challenge=challenge,
        rules=challenge.rules,
        phase=rules.phase(challenge.state, challenge.closes_at, now()),
        tones=TONES,
        manages=manages,
        ways=list(_ways(challenge)),
        is_raiser=is_raiser(db.session, person, challenge.id),
        answers=answers,
        linked=amendment_numbers(db.session, answers),
        amendments=in_force(db.session, challenge.id) if challenge.amended else [],
        **_line(challenge),
    )


def _ways(challenge: Challenge) -> Iterator[Way]:
    for ways_on in current_app.extensions["challenge_ways"]:
        yield from ways_on(db.session, visitor(), challenge, now())


def _line(challenge: Challenge) -> dict[str, Any]:
    line = [
        {"label": gettext(stage.label), "when": stage.when, "state": stage.state}
        for stage in stages.stages_of(challenge, now())
    ]
    return {"stages": line, "next_sentence": gettext(stages.next_sentence(challenge, now()))}


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


@pages.route("/desk/challenges/new", methods=["GET", "POST"])
@signed_in
def new() -> Page:
    """Begin a challenge."""
    policy.may_write(actor()).enforce()
    form = forms.NewChallengeForm(data=forms.defaults() if request.method == "GET" else None)
    calls = queries.calls_for(db.session, actor())
    form.call.choices = [
        SelectChoice(value=str(call.id), label=f"{call.number} {call.title}") for call in calls
    ]
    if not form.added_row() and form.validate_on_submit():
        try:
            facts = ChallengeFacts(**form.changes())
            made = service.draft(actor(), UUID(form.call.data), facts, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The draft is saved. Propose it when it is right."))
            return see_other("challenges.page", code=made.code)
    page = render_template("challenges/edit.html", form=form, challenge=None, calls=calls)
    return page, 422 if form.errors else 200


@pages.route("/desk/challenges/<uuid:challenge_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(challenge_id: UUID) -> Page:
    """Change a draft."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    policy.may_edit(actor(), challenge).enforce()
    form = forms.ChallengeForm(data=forms.stored(challenge) if request.method == "GET" else None)
    if not form.added_row() and form.validate_on_submit():
        try:
            seen = form.revision.data or 0
            service.write(actor(), challenge_id, form.changes(), seen, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The draft is saved. Propose it when it is right."))
            return see_other("challenges.page", code=challenge.code)
    return _editor(form, challenge)


def _editor(form: forms.ChallengeForm, challenge: Challenge) -> tuple[str, int]:
    page = render_template("challenges/edit.html", form=form, challenge=challenge, calls=None)
    return page, 422 if form.errors else 200


@pages.post("/desk/challenges/<uuid:challenge_id>/propose")
@signed_in
def propose(challenge_id: UUID) -> Page:
    """Put a draft before a second officer; what is missing is shown in the editor."""
    challenge = queries.manageable(db.session, actor(), challenge_id)
    try:
        approvals.propose(actor(), challenge_id, now())
    except InvalidInput as error:
        form = forms.ChallengeForm(formdata=None, data=forms.stored(challenge))
        form.validate()
        form.place(error)
        return _editor(form, challenge)
    done(N_("The challenge is proposed. A second officer of your body publishes it."))
    return see_other("challenges.page", code=challenge.code)


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
