"""What a team reads after the notice: its own, checked by an officer, and nobody's name."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.bids import queries as bids
from portal.bids.models import Bid
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.notifications.models import InboxItem
from portal.reviews import todo
from portal.reviews.rankings import service as ranking_service
from portal.reviews.results import queries, service
from portal.reviews.results.models import Redaction
from portal.reviews.results.rules import MARK, is_redaction, mean, shuffled
from portal.reviews.rounds.models import Round
from portal.reviews.sheets.models import Sheet
from tests.factories.awards import officer_of
from tests.factories.challenges import make_officer
from tests.factories.reviews import make_round, person_of_lead, seats_of, submit_all
from tests.refusal import refused

Enter = Callable[[Person], FlaskClient]
TEXT = "张三认为路线可行,但风险估计不足。"


def ranked_round(session: Session, now: datetime) -> tuple[Round, Bid]:
    """A ranked round in which every reviewer gave the same reasons; one wrote a name."""
    review = make_round(scoring=True)
    submit_all(review)
    ranking_service.rank_round(review.id, now)
    session.expire_all()
    bid = bids.eligible(session, review.challenge_id)[0]
    sheet = next(one for one in seats_of(review)[0].sheets if one.bid_id == bid.id)
    sheet.comment = TEXT
    session.commit()
    return review, bid


def words_for(session: Session, bid: Bid, **changes: str) -> dict[str, str]:
    """Every text as it was written, but the general comment."""
    texts = queries.said_of(session, [bid.id])[bid.id]
    return {said.key: changes.get(said.criterion, said.original) for said in texts}


def to_check(session: Session, officer: Actor, now: datetime) -> int:
    """How many texts the officer's desk says are to be checked."""
    found = todo.open_items(session, officer, now)
    counts = [
        int(str(one.text.parameters["count"])) for one in found if one.endpoint == "results.listed"
    ]
    return sum(counts)


def test_a_team_reads_what_was_checked_and_only_its_own_from_the_notice_on(
    session: Session, enter: Enter, now: datetime
) -> None:
    review, bid = ranked_round(session, now)
    other = bids.eligible(session, review.challenge_id)[1]
    own, rival = person_of_lead(bid), person_of_lead(other)
    officer, url = officer_of(review.challenge), f"/bids/{bid.id}/result"
    waiting = to_check(session, officer, now)
    seen = words_for(session, bid)
    general = next(key for key in seen if key.endswith("/"))
    refused(NotAllowed, service.release, officer_of(make_round().challenge), bid.id, seen, now)
    wrong = {**seen, general: "李四认为路线可行。"}
    refused(InvalidInput, service.release, officer, bid.id, wrong, now)
    service.release(officer, bid.id, {**seen, general: f"{MARK}认为路线可行,{MARK}"}, now)
    assert waiting - to_check(session, officer, now) == len(seen)
    assert to_check(session, officer_of(make_round().challenge), now) == 0
    assert session.scalars(select(InboxItem).where(InboxItem.person_id == own.id)).all() == []
    assert enter(own).get(url).status_code == 404
    review.challenge.state = ChallengeState.NOTICED
    session.commit()
    page = enter(own).get(url)
    assert page.status_code == 200
    assert f"{MARK}认为路线可行,{MARK}" in page.text
    for hidden in ("张三", "风险估计不足", "尚未核对"):
        assert hidden not in page.text
    for seat in seats_of(review):
        for known in (seat.reviewer.person.name, str(seat.id), str(seat.reviewer_id)):
            assert known not in page.text
    assert enter(rival).get(url).status_code == 404
    assert enter(make_officer(review.challenge)).get(url).status_code == 404
    foreign = enter(rival).get(f"/bids/{other.id}/result")
    assert "部分文本尚未核对" in foreign.text
    assert MARK + "认为" not in foreign.text
    kept = session.scalars(select(Redaction).where(Redaction.criterion_id.is_(None))).one()
    assert (kept.original, kept.words) == (TEXT, f"{MARK}认为路线可行,{MARK}")
    service.release(officer, bid.id, {**seen, general: ""}, now)
    news = session.scalars(select(InboxItem.url).where(InboxItem.person_id == own.id)).all()
    assert news == [url]
    assert "认为路线可行" not in enter(own).get(url).text


def test_a_text_that_was_changed_since_waits_to_be_checked_again(
    session: Session, now: datetime
) -> None:
    review, bid = ranked_round(session, now)
    service.release(officer_of(review.challenge), bid.id, words_for(session, bid), now)
    result = queries.result_of(session, bid)
    assert result
    assert (result.is_checked, result.remarks) == (True, [TEXT])
    sheet = session.scalars(select(Sheet).where(Sheet.comment == TEXT)).one()
    sheet.comment = "改后的总评"
    session.flush()
    result = queries.result_of(session, bid)
    assert result
    assert (result.is_checked, result.remarks) == (False, [])


def test_the_result_has_the_place_the_score_and_the_means(session: Session, now: datetime) -> None:
    review, bid = ranked_round(session, now)
    result = queries.result_of(session, bid)
    assert result
    assert (result.of, result.sheets, result.score) == (2, 3, Decimal(80))
    weights = [criterion.weight for criterion in review.challenge.criteria]
    assert [part.mean for part in result.parts] == [Decimal(one) * 4 / 5 for one in weights]


def test_an_officer_checks_on_pages(session: Session, enter: Enter, now: datetime) -> None:
    review, bid = ranked_round(session, now)
    client = enter(make_officer(review.challenge))
    listed = client.get(f"/challenges/{review.challenge.code}/remarks").text
    assert listed.count("待核对") == 2
    url = f"/bids/{bid.id}/remarks"
    page = client.get(url).text
    assert TEXT in page
    criteria = [criterion.name for criterion in review.challenge.criteria]
    assert [page.count(f"<h2>{name}</h2>") for name in criteria] == [1] * len(criteria)
    assert "原文：" not in page, "what nobody changed stands in its field alone"
    texts = queries.said_of(session, [bid.id])[bid.id]
    data = {}
    for row, said in enumerate(texts):
        data |= {f"lines-{row}-key": said.key, f"lines-{row}-words": said.original}
    last = f"lines-{len(texts) - 1}-words"
    wrong = client.post(url, data={**data, last: "另写一句"})
    assert wrong.status_code == 422
    assert f'id="{last}-error"' in wrong.text
    assert wrong.text.count("原文：") == 1
    assert client.post(url, data=data).status_code == 303
    assert "已核对" in client.get(f"/challenges/{review.challenge.code}/remarks").text
    assert enter(person_of_lead(bid)).get(url).status_code == 404


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        (TEXT, True),
        (f"{MARK}认为路线可行,但风险估计不足。", True),
        (f"张三认为{MARK}", True),
        (f"{MARK}路线{MARK}风险{MARK}", True),
        (MARK, True),
        ("认为路线可行,但风险估计不足。", False),
        ("张三认为路线可行", False),
        (f"{MARK}风险{MARK}路线{MARK}", False),
        (f"张三认为路线不可行{MARK}", False),
        (f"{MARK}不足。另见附件", False),
    ],
)
def test_words_can_be_left_out_and_nothing_else(words: str, fits: bool) -> None:
    assert is_redaction(TEXT, words) is fits


@given(st.text(alphabet="甲乙丙丁。", max_size=12), st.data())
def test_whatever_is_cut_behind_a_mark_is_a_redaction(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert is_redaction(text, text[:start] + MARK + text[end:])


@given(st.lists(st.text(max_size=5), max_size=6))
def test_the_order_of_remarks_tells_nothing(texts: list[str]) -> None:
    assert shuffled(texts) == shuffled(reversed(texts))
    assert sorted(shuffled(texts)) == sorted(texts)


def test_a_mean_is_exact_and_half_goes_up() -> None:
    assert mean([Decimal(1), Decimal("1.01")]) == Decimal("1.01")
    with pytest.raises(ValueError, match="no values"):
        mean([])
