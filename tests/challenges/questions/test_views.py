"""The pages of questions: what the public, the asker and the officer see, and never who asked."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import QuestionState
from portal.core.access import Role
from tests.copies import copies
from tests.factories.accounts import make_person
from tests.factories.amendments import make_amendment
from tests.factories.challenges import make_challenge, make_officer
from tests.factories.questions import make_question

SignIn = Callable[[FlaskClient, Person], None]
TEXT = "示范场景是否可以分期验收?"
ANSWER = "可以分两期验收,期限不变。"


def test_a_question_is_asked_answered_and_read_by_everybody_without_a_name(
    app: Flask, client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    asker, officer = make_person(Role.BIDDER_LEAD), make_officer(challenge)
    path = f"/challenges/{challenge.code}/questions"
    session.commit()
    stranger, desk = app.test_client(), app.test_client()
    assert "textarea" not in stranger.get(path).text
    assert stranger.post(path, data={"text": TEXT}).status_code == 302
    sign_in(client, asker)
    assert client.post(path, data={"text": TEXT}).status_code == 303
    question = session.scalars(select(Question)).one()
    assert TEXT in client.get(path).text
    assert TEXT not in stranger.get(path).text
    sign_in(desk, officer)
    seen = [
        desk.get(url).text
        for url in ("/desk", path, f"/desk{path}", f"/desk/questions/{question.id}")
    ]
    assert TEXT in seen[2]
    typed = {"wording": f"{TEXT}(统一表述)", "answer": ANSWER, "amends": "y"}
    kept = desk.post(f"/desk/questions/{question.id}", data={**typed, "act": "keep"})
    assert kept.status_code == 303
    assert ANSWER not in stranger.get(path).text
    sent = desk.post(f"/desk/questions/{question.id}", data={**typed, "act": "publish"})
    assert sent.status_code == 303
    seen += [desk.get(url).text for url in (path, f"/desk{path}", "/inbox")]
    for url in (path, f"/challenges/{challenge.code}"):
        page = stranger.get(url).text
        assert ANSWER in page
        assert "(统一表述)" in page
        seen.append(page)
    home = asker.memberships[0].organisation
    for secret in (asker.name, asker.email, str(asker.id), home.name, str(home.id)):
        assert not any(secret in page for page in seen), secret


def test_what_is_refused_comes_back_with_what_was_typed(
    client: FlaskClient, session: Session, sign_in: SignIn, now: datetime
) -> None:
    challenge = make_challenge(published=True)
    sign_in(client, make_person(Role.PARTNER))
    path = f"/challenges/{challenge.code}/questions"
    for text in ("短", "", "长" * 2001):
        page = client.post(path, data={"text": text})
        assert page.status_code == 422
        assert "text-error" in page.text
        assert text in page.text
    challenge.published_at = now - timedelta(days=20)
    challenge.closes_at = now + timedelta(days=2)
    session.commit()
    assert "textarea" not in client.get(path).text
    page = client.post(path, data={"text": TEXT})
    assert page.status_code == 422
    assert TEXT in page.text
    assert "截止" in page.text
    assert session.scalars(select(Question)).all() == []


def test_strangers_neither_read_what_waits_nor_answer(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    question = make_question()
    code = question.challenge.code
    assert client.get(f"/desk/challenges/{code}/questions").status_code == 302
    for role in (Role.BIDDER_LEAD, Role.CITY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR):
        sign_in(client, make_person(role))
        assert client.get(f"/desk/challenges/{code}/questions").status_code == 404
        assert client.get(f"/desk/questions/{question.id}").status_code == 404
        assert client.post(f"/desk/questions/{question.id}/same").status_code == 404
        assert client.post(f"/questions/{question.id}/withdraw").status_code == 404
        client.post("/sign-out")
    draft = make_challenge()
    assert client.get(f"/challenges/{draft.code}/questions").status_code == 404
    session.refresh(question)
    assert question.state is QuestionState.ASKED


def test_the_officer_joins_a_question_to_the_most_similar(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    question = make_question(text="请问示范场景能否分期验收")
    other = make_question(question.challenge, text="注册资本和成立年限有无要求?")
    main = make_question(question.challenge)
    sign_in(client, make_officer(question.challenge))
    page = client.get(f"/desk/questions/{question.id}").text
    assert page.index(str(main.id)) < page.index(str(other.id))
    url = f"/desk/questions/{question.id}/same"
    for wrong in ({}, {"other": "nonsense"}, {"other": str(question.id)}):
        assert client.post(url, data=wrong).status_code == 422
    assert client.post(url, data={"other": str(main.id)}).status_code == 303
    assert question.text in client.get(f"/desk/questions/{main.id}").text
    assert client.get(f"/desk/questions/{question.id}").status_code == 200
    again = client.post(f"/desk/questions/{question.id}", data={"answer": ANSWER})
    assert again.status_code == 409


def test_an_empty_answer_comes_back_and_is_not_published(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    question = make_question()
    sign_in(client, make_officer(question.challenge))
    typed = {"wording": "改写后的问题表述", "answer": "", "act": "publish"}
    page = client.post(f"/desk/questions/{question.id}", data=typed)
    assert page.status_code == 422
    assert "answer-error" in page.text
    assert typed["wording"] in page.text
    session.refresh(question)
    assert question.number is None


def test_the_officer_links_an_answer_to_its_amendment_and_everybody_sees_it(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    challenge = make_challenge(published=True)
    make_amendment(challenge, applied=True)
    question = make_question(challenge, number=1, amends=True)
    code = question.challenge.code
    path = f"/desk/questions/{question.id}"
    assert path not in client.get(f"/challenges/{code}/questions").text
    sign_in(client, make_officer(question.challenge))
    assert path in client.get(f"/challenges/{code}/questions").text
    for wrong in ("", "0", "7", "x"):
        assert client.post(f"{path}/amendment", data={"number": wrong}).status_code == 422
    assert client.post(f"{path}/amendment", data={"number": "1"}).status_code == 303
    client.post("/sign-out")
    for page in (f"/challenges/{code}", f"/challenges/{code}/questions"):
        assert f"/challenges/{code}/amendments/1" in client.get(page).text


def test_the_asker_withdraws_on_the_page(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    question = make_question()
    asker = session.get_one(Person, question.asked_by)
    sign_in(client, asker)
    path = f"/challenges/{question.challenge.code}/questions"
    assert f"/questions/{question.id}/withdraw" in client.get(path).text
    assert client.post(f"/questions/{question.id}/withdraw").status_code == 303
    assert question.text not in client.get(path).text
    assert client.post(f"/questions/{question.id}/withdraw").status_code == 403


def test_answers_are_paged_from_the_newest(client: FlaskClient, session: Session) -> None:
    question = make_question(number=1)
    copies(question, 24, number=lambda i: i + 2)
    path = f"/challenges/{question.challenge.code}/questions"
    first = client.get(path).text
    assert 'id="no-25"' in first
    assert 'id="no-5"' not in first
    assert f"{path}?before=6" in first
    rest = client.get(f"{path}?before=6").text
    assert 'id="no-5"' in rest
    assert 'id="no-6"' not in rest
    for nonsense in ("x", "-1", "9" * 30):
        assert client.get(f"{path}?before={nonsense}").text.count('id="no-') == 20


def test_the_officers_list_of_things_to_do_has_the_questions_with_their_date(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    question = make_question()
    make_question(question.challenge)
    sign_in(client, make_officer(question.challenge))
    page = client.get("/desk").text
    assert f"/desk/challenges/{question.challenge.code}/questions" in page
    assert "2 个" in page
