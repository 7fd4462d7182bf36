"""The pages of a ranking and of a disagreement: who sees what, and the files that compute it anew."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.core.access import Role
from portal.reviews.advice import table
from portal.reviews.advice.table import RankRule
from portal.reviews.rankings import queries, screens, snapshot
from portal.reviews.rankings import service as ranking_service
from portal.reviews.rankings.disagreement import service
from portal.reviews.rankings.disagreement.models import Party
from portal.reviews.rounds.models import Round
from tests.factories.accounts import make_person
from tests.factories.awards import officer_of
from tests.factories.challenges import make_officer
from tests.factories.disagreements import concerned, low_party, make_disputed, only_disagreement
from tests.factories.reviews import reviewer_of

Enter = Callable[[Person], FlaskClient]
WHY = "路线缺少关键部件的来源说明，风险偏高，故评分较低。"


@pytest.fixture
def ranked(session: Session, now: datetime) -> Round:
    review = make_disputed(on_disagreement="note")
    session.expire_all()
    return review


def person_of(session: Session, party: Party) -> Person:
    return session.get_one(Person, party.seat.reviewer.person_id)


def test_the_page_has_the_official_order_first_and_advice_marked_as_such(
    session: Session, ranked: Round, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ranked.challenge.code
    text = enter(make_officer(ranked.challenge)).get(f"/challenges/{code}/ranking").text
    order = [text.index(words) for words in ("按公布规则的正式名次", "分歧较大的方案", "参考分析")]
    assert order == sorted(order)
    assert "以下内容不影响结果" in text
    assert "评分太少" in text  # two bids: agreement would be a number that says nothing
    assert text.count('class="row-plot"') == 3
    for seat in ranked.seats:
        assert seat.reviewer.person.name not in text
    for stranger in (make_person(Role.BIDDER_LEAD), ranked.seats[0].reviewer.person):
        assert enter(stranger).get(f"/challenges/{code}/ranking").status_code == 404
    auditor = enter(make_person(Role.AUDITOR))
    assert auditor.get(f"/challenges/{code}/ranking").status_code == 200
    monkeypatch.setattr(screens, "PAGE", 1)
    first = auditor.get(f"/challenges/{code}/ranking").text
    behind = auditor.get(re.findall(r'rel="next" href="([^"]+)"', first)[0]).text
    places = [re.findall(r'data-label="名次">(\d)', page) for page in (first, behind)]
    assert places == [["1", "1"], ["2", "2"]], "the order, and the advice on it"
    assert 'rel="next"' not in behind


def test_the_scores_as_a_file_are_what_jiebang_rank_reads_and_give_the_same_order(
    session: Session, ranked: Round, enter: Enter
) -> None:
    ranking = queries.latest_ranking(session, ranked.challenge_id)
    url = f"/challenges/{ranked.challenge.code}/ranking/{ranking.id}/scores.csv"
    content = enter(make_officer(ranked.challenge)).get(url).text
    report = table.ranked(table.read(content.splitlines()), RankRule.TRIMMED, 1)
    names = {place.bid.lead.name: (place.place, place.mean) for place in ranking.places}
    assert {one.bid: (one.place, one.score) for one in report.bids} == names


def test_the_workbook_has_every_score_and_formulas_for_all_that_is_computed(
    session: Session, ranked: Round, enter: Enter
) -> None:
    ranking = queries.latest_ranking(session, ranked.challenge_id)
    url = f"/challenges/{ranked.challenge.code}/ranking/{ranking.id}/workbook.xlsx"
    book = load_workbook(io.BytesIO(enter(make_officer(ranked.challenge)).get(url).data))
    ranks, scores, rule = book.worksheets
    criteria = ranked.challenge.criteria
    assert [rule.cell(n, 2).value for n in range(2, 2 + len(criteria))] == [
        criterion.weight for criterion in criteria
    ]
    assert all(str(rule.cell(n, 3).value) == f"=B{n}" for n in range(2, 2 + len(criteria)))
    points = [scores.cell(row, 3).value for row in range(4, 10)]
    assert sorted(points) == sorted(float(row["points"][0]) for row in ranking.inputs.values())
    for row in range(4, 10):
        assert str(scores.cell(row, 3 + len(criteria)).value).startswith("=ROUND(SUMPRODUCT(")
    for row in (2, 3):
        assert ranks.cell(row, 3).value == float(ranking.places[row - 2].mean)
        assert all(str(ranks.cell(row, column).value).startswith("=") for column in range(4, 10))


def test_a_changed_sheet_makes_the_next_snapshot_which_says_what_and_why(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed()
    found = only_disagreement(review)
    party = low_party(found)
    sheet = next(one for one in party.seat.sheets if one.bid_id == found.bid_id)
    first = snapshot.frozen(snapshot.rule_of(review.challenge.rules))
    before = ranking_service.inputs_of(list(party.seat.sheets))
    criterion = review.challenge.criteria[0]
    service.answer(reviewer_of(party.seat), found.id, {criterion.id: Decimal(20)}, WHY, now)
    session.expire_all()
    old = queries.Ranking(inputs=before, rule=first, computed_at=now)
    (told,) = queries.changes_since(
        session, old, ranking_service.inputs_of(list(party.seat.sheets))
    )
    assert (told["what"], told["sheet"], told["why"]) == ("changed", str(sheet.id), [WHY])
    assert Decimal(told["now"]) > Decimal(told["was"])


def test_reviewers_see_numbers_and_no_names_and_answer_on_the_page(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed()
    found = only_disagreement(review)
    url, party = f"/disagreements/{found.id}", low_party(found)
    names = [person_of(session, one).name for one in found.parties]
    own = person_of(session, party)
    client = enter(own)
    page = client.get(url).text
    assert [name for name in names if name in page and name != own.name] == []
    assert all(f"专家{one.number}" in page for one in found.parties)
    assert url in client.get("/desk").text
    points = {f"lines-{n}-points": "3" for n in range(len(review.challenge.criteria))}
    assert client.post(f"{url}/answer", data={**points, "reason": "短"}).status_code == 422
    typed = {**points, "lines-0-points": "99", "reason": WHY}
    assert client.post(f"{url}/answer", data=typed).status_code == 422
    assert client.post(f"{url}/answer", data={**points, "reason": WHY}).status_code == 303
    page = client.get(url).text
    assert WHY in page
    assert "修改过的评分" in page
    assert enter(make_person(Role.REVIEWER)).get(url).status_code == 404
    watched = enter(make_person(Role.AUDITOR)).get(url).text
    assert all(name in watched for name in names)
    assert "修改过的评分" in watched


def test_what_another_answered_is_read_only_after_ones_own_answer(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed()
    found = only_disagreement(review)
    url, (first, second) = f"/disagreements/{found.id}", concerned(found)[:2]
    service.answer(reviewer_of(first.seat), found.id, {}, WHY, now)
    client = enter(person_of(session, second))
    assert WHY not in client.get(url).text
    service.answer(reviewer_of(second.seat), found.id, {}, WHY[::-1], now)
    assert WHY in client.get(url).text


def test_an_officer_opens_a_discussion_speaks_in_it_and_closes_it(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed()
    found = only_disagreement(review)
    url, client = f"/disagreements/{found.id}", enter(make_officer(review.challenge))
    assert client.post(f"{url}/say", data={"text": "请说明"}).status_code == 403
    assert client.post(f"{url}/lead", data={"act": "discuss"}).status_code == 303
    assert client.post(f"{url}/say", data={"text": "请说明依据"}).status_code == 303
    own = enter(person_of(session, found.parties[0]))
    assert "请说明依据" in own.get(url).text
    assert client.post(f"{url}/settle", data={"closing": "短"}).status_code == 422
    assert client.post(f"{url}/settle", data={"closing": WHY}).status_code == 303
    listed = client.get(f"/challenges/{review.challenge.code}/disagreements").text
    assert "已处理" in listed
    assert officer_of(review.challenge)


def test_in_a_blind_round_the_bid_has_its_letter_for_reviewers(
    session: Session, now: datetime, enter: Enter
) -> None:
    review = make_disputed(blind_review=True)
    found = only_disagreement(review)
    page = enter(person_of(session, found.parties[0])).get(f"/disagreements/{found.id}").text
    assert found.bid.lead.name not in page
    assert "评分分歧：方案 " in page
