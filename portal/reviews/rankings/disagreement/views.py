"""The page of a disagreement, and the list of a challenge's."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.challenges import queries as challenges
from portal.core.access import Actor, Decision
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.fields import PortalForm
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.rankings.disagreement import policy, queries, screens, service
from portal.reviews.rankings.disagreement.forms import AnswerForm, SayForm, SettleForm
from portal.reviews.rankings.disagreement.models import Disagreement

pages = Blueprint("disagreements", __name__)
Page = Response | tuple[str, int]


@pages.get("/challenges/<code>/disagreements")
@signed_in
def listed(code: str) -> str:
    """All disagreements of a challenge, for those who watch its round."""
    challenge = challenges.visible_by_code(db.session, actor(), code)
    if challenge is None or not policy.may_watch(actor(), challenge):
        raise NotFound
    rows = queries.of_challenge(db.session, challenge.id)
    return render_template("reviews/disagreement/list.html", challenge=challenge, rows=rows)


@pages.get("/disagreements/<uuid:disagreement_id>")
@signed_in
def page(disagreement_id: UUID) -> Page:
    """The sheets side by side, what was said, and what this reader may do."""
    return _page(queries.visible_to(db.session, actor(), disagreement_id))


def _page(found: Disagreement, form: PortalForm | None = None) -> tuple[str, int]:
    facts = screens.page_of(db.session, actor(), found, now())
    own = facts["own"]
    points = [{"points": score.points} for score in own.scores] if own else []
    blank = AnswerForm.of(len(facts["criteria"]), formdata=None, data={"lines": points})
    forms = {"answer": blank, "say": SayForm(formdata=None), "settle": SettleForm(formdata=None)}
    if form is not None:
        forms[type(form).__name__.removesuffix("Form").lower()] = form
    text = render_template("reviews/disagreement/page.html", **facts, **forms)
    return text, 422 if form is not None else 200


def _done(
    disagreement_id: UUID,
    form: PortalForm,
    may: Callable[[Actor, Disagreement, datetime], Decision],
    act: Callable[[Disagreement], object],
    told: str,
) -> Page:
    """Do what a form asks, and show the page again."""
    found = queries.visible_to(db.session, actor(), disagreement_id)
    may(actor(), found, now()).enforce()
    try:
        if form.validate_on_submit():
            act(found)
            done(told)
            return see_other("disagreements.page", disagreement_id=disagreement_id)
    except (Invalid, InvalidInput) as error:
        db.session.rollback()
        form.place(error)
        found = queries.visible_to(db.session, actor(), disagreement_id)
    return _page(found, form)


@pages.post("/disagreements/<uuid:disagreement_id>/answer")
@signed_in
def answer(disagreement_id: UUID) -> Page:
    """Give the reasons; points that one sees otherwise by now are changed, and the old ones kept."""
    count = len(queries.visible_to(db.session, actor(), disagreement_id).round.challenge.criteria)
    form = AnswerForm.of(count)

    def act(found: Disagreement) -> None:
        rubric = found.round.challenge.criteria
        points = {c.id: line["points"].data for c, line in zip(rubric, form.lines, strict=True)}
        service.answer(actor(), found.id, points, form.reason.data, now())

    return _done(disagreement_id, form, policy.may_answer, act, N_("Your answer is kept."))


@pages.post("/disagreements/<uuid:disagreement_id>/say")
@signed_in
def say(disagreement_id: UUID) -> Page:
    """Say something in the discussion."""
    form = SayForm()
    return _done(
        disagreement_id,
        form,
        policy.may_speak,
        lambda found: service.say(actor(), found.id, form.text.data, now()),
        N_("The others can read it."),
    )


@pages.post("/disagreements/<uuid:disagreement_id>/settle")
@signed_in
def settle(disagreement_id: UUID) -> Page:
    """An officer closes it with a reason."""
    form = SettleForm()
    return _done(
        disagreement_id,
        form,
        policy.may_lead,
        lambda found: service.settle(actor(), found.id, form.closing.data, now()),
        N_("The disagreement is settled; the ranking goes on."),
    )


@pages.post("/disagreements/<uuid:disagreement_id>/lead")
@signed_in
def lead(disagreement_id: UUID) -> Response:
    """An officer opens a discussion, or has a further reviewer asked."""
    if request.form.get("act") == "widen":
        service.widen(actor(), disagreement_id, now())
        done(N_("A further reviewer is invited."))
    else:
        service.discuss(actor(), disagreement_id, now())
        done(N_("The discussion is open; all reviewers of the bid are told."))
    return see_other("disagreements.page", disagreement_id=disagreement_id)
