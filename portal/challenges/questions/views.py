"""The public page of answers with its form, and the officers' pages of what waits."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.challenges import policy as challenge_policy
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.questions import forms, policy, queries, rules, service
from portal.challenges.questions.models import Question
from portal.challenges.questions.queries import PAGE
from portal.core.db import db
from portal.core.errors import InvalidInput, NotFound
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
    stamp,
    visitor,
)
from portal.core.words import N_

pages = Blueprint("questions", __name__)
Page = Response | tuple[str, int]


def _challenge(code: str) -> Challenge:
    """A published challenge. Raises NotFound."""
    found = challenges.visible_by_code(db.session, visitor(), code)
    if found is None or found.published_at is None:
        raise NotFound
    return found


@pages.get("/challenges/<code>/questions")
@public
@shared
def listed(code: str) -> str:
    """What was asked and answered, newest first."""
    return _list(_challenge(code), forms.AskForm(formdata=None))


def _list(challenge: Challenge, form: forms.AskForm) -> str:
    before = request.args.get("before", type=int)
    is_place = before is not None and 0 < before < 1 << 63
    rows = queries.answered(db.session, challenge.id, before if is_place else None)
    last = rows[PAGE - 1].number if len(rows) > PAGE else None
    reader, until = visitor(), challenge.questions_until
    return render_template(
        "questions/listed.html",
        challenge=challenge,
        rows=rows[:PAGE],
        linked=queries.amendment_numbers(db.session, rows),
        older=url_for("questions.listed", code=challenge.code, before=last) if last else None,
        newest=url_for("questions.listed", code=challenge.code) if is_place else None,
        form=form,
        until=until,
        may_link=policy.may_link,
        is_open=rules.takes_questions(challenge.state, challenge.closes_at, until, now()),
        may_ask=reader is not None and bool(policy.may_ask(reader, challenge)),
        mine=queries.mine(db.session, reader, challenge.id),
        policy=policy,
    )


@pages.post("/challenges/<code>/questions")
@signed_in
def ask(code: str) -> Page:
    """Ask; what is refused comes back with what was typed."""
    challenge, form = _challenge(code), forms.AskForm()
    policy.may_ask(actor(), challenge).enforce()
    if form.validate() and form.takes(lambda: service.ask(actor(), code, form.text.data, stamp())):
        done(N_("Your question is asked. Nobody is shown who asked it; the answer is public."))
        return see_other("questions.listed", code=code)
    return _list(challenge, form), 422


@pages.post("/questions/<uuid:question_id>/withdraw")
@signed_in
def withdraw(question_id: UUID) -> Response:
    """Take one's own question back."""
    question = queries.own(db.session, actor(), question_id)
    service.withdraw(actor(), question_id, now())
    done(N_("Your question is withdrawn."))
    return see_other("questions.listed", code=question.challenge.code)


@pages.get("/desk/challenges/<code>/questions")
@signed_in
def desk(code: str) -> str:
    """What waits for an answer, oldest first."""
    challenge = _challenge(code)
    if not challenge_policy.may_manage(actor(), challenge):
        raise NotFound
    rows = queries.unanswered(db.session, challenge.id, cursor("after"))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    place = place_of(last.asked_at, last.id) if last else None
    return render_template(
        "questions/desk.html",
        challenge=challenge,
        rows=rows[:PAGE],
        onward=url_for("questions.desk", code=code, after=place) if place else None,
        first=url_for("questions.desk", code=code) if "after" in request.args else None,
        due=rules.answer_due,
    )


@pages.route("/desk/questions/<uuid:question_id>", methods=["GET", "POST"])
@signed_in
def answer(question_id: UUID) -> Page:
    """Write an answer: keep it, or publish it."""
    question = queries.to_answer(db.session, actor(), question_id)
    if request.method == "GET":
        return _answer_page(question)
    form = forms.AnswerForm()
    if form.validate() and _answered(question_id, form):
        return see_other("questions.desk", code=question.challenge.code)
    return _answer_page(question, form)


def _answered(question_id: UUID, form: forms.AnswerForm) -> bool:
    """Whether what was typed could be kept or published; says which."""
    try:
        if request.form.get("act") != "publish":
            service.keep(actor(), question_id, form.facts(), now())
            done(N_("The answer is kept as a draft."))
            return True
        made = service.publish(actor(), question_id, form.facts(), now())
    except InvalidInput as error:
        form.place(error)
        return False
    done(N_("The answer is published as no. %(number)s."), number=made.number)
    return True


@pages.post("/desk/questions/<uuid:question_id>/same")
@signed_in
def same(question_id: UUID) -> Page:
    """Answer a question with another one."""
    question = queries.to_answer(db.session, actor(), question_id)
    form = forms.SameForm()
    form.offer(queries.alike(db.session, question))
    if form.validate() and form.takes(
        lambda: service.join(actor(), question_id, form.other.data, now())
    ):
        done(N_("The question is answered with the other one."))
        return see_other("questions.desk", code=question.challenge.code)
    return _answer_page(question, same=form)


@pages.post("/desk/questions/<uuid:question_id>/amendment")
@signed_in
def link(question_id: UUID) -> Page:
    """Say in which amendment an answer went."""
    question = queries.to_answer(db.session, actor(), question_id)
    form = forms.LinkForm()
    if form.validate() and form.takes(
        lambda: service.link(actor(), question_id, form.number.data, now())
    ):
        done(N_("The answer leads to its amendment now."))
        return see_other("questions.listed", code=question.challenge.code)
    return _answer_page(question, linking=form)


def _answer_page(
    question: Question,
    form: forms.AnswerForm | None = None,
    same: forms.SameForm | None = None,
    linking: forms.LinkForm | None = None,
) -> tuple[str, int]:
    """The officer's page of one question, with whichever form was just sent as it was typed."""
    others = same or forms.SameForm(formdata=None)
    if same is None:
        others.offer(queries.alike(db.session, question))
    page = render_template(
        "questions/answer.html",
        question=question,
        challenge=question.challenge,
        form=form or forms.AnswerForm(formdata=None, data=forms.stored(question)),
        others=others,
        linking=linking or forms.LinkForm(formdata=None),
        may_link=policy.may_link(actor(), question),
        joined=queries.same_as(db.session, question.id),
        due=rules.answer_due(question.asked_at, question.challenge.closes_at),
    )
    return page, 422 if form or same or linking else 200
