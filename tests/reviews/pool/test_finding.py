"""The register narrowed by each filter, a page at a time."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.reviews.pool.finding import PAGE, Filters, Load, filters, number, page
from portal.reviews.pool.rules import PoolState, Stratum
from tests.factories.accounts import make_organisation
from tests.factories.reviews import make_review_challenge, make_reviewer, make_round

ASKED: list[tuple[dict[str, str], bool]] = [
    ({}, True),
    ({"words": "slam"}, True),
    ({"words": "SLA%"}, False),
    ({"words": "深圳"}, False),
    ({"words": "十年"}, True),
    ({"words": "wang@"}, True),
    ({"words": "王某"}, True),
    ({"organisation": "视觉"}, True),
    ({"organisation": "听觉"}, False),
    ({"discipline": "520"}, True),
    ({"discipline": "52020"}, True),
    ({"discipline": "52040"}, False),
    ({"discipline": "430"}, True),
    ({"discipline": "43040"}, False),
    ({"discipline": "99999"}, True),
    ({"stratum": "finance"}, True),
    ({"stratum": "technical"}, False),
    ({"stratum": "wizard"}, True),
    ({"state": "resting"}, True),
    ({"state": "active"}, False),
    ({"load": "room"}, True),
    ({"load": "full"}, False),
    ({"discipline": "520", "stratum": "finance", "words": "SLAM", "organisation": "所"}, True),
    ({"discipline": "520", "stratum": "industry"}, False),
]


def test_each_filter_finds_who_fits_and_nobody_else(session: Session) -> None:
    home = make_organisation(name="视觉研究所")
    known = make_reviewer(
        home,
        disciplines=["52020", "430"],
        keywords=["SLAM", "三维重建"],
        about="做了十年",
        stratum=Stratum.FINANCE,
        state=PoolState.RESTING,
    )
    known.person.name, known.person.email = "王某某", "wang@example.org"
    session.commit()
    for asked, fits in ASKED:
        found = page(session, filters(asked))
        assert [one.id for one in found] == ([known.id] if fits else []), asked
        assert number(session, filters(asked)) == int(fits), asked


def test_load_tells_who_has_all_they_take(session: Session) -> None:
    review = make_round(scoring=True, challenge=make_review_challenge(bids=2), spare=0)
    full, *others = [seat.reviewer for seat in review.seats]
    full.max_load = 2
    session.commit()
    assert [one.id for one in page(session, Filters(load=Load.FULL))] == [full.id]
    with_room = {one.id for one in page(session, Filters(load=Load.ROOM))}
    assert with_room == {one.id for one in others}


def test_pages_join_without_a_gap_when_many_entered_at_once(session: Session) -> None:
    home = make_organisation()
    made = {make_reviewer(home).id for _ in range(PAGE + 3)}
    session.commit()
    first = page(session, Filters())
    assert len(first) == PAGE + 1
    last = first[PAGE - 1]
    second = page(session, Filters(), (last.entered_at, last.id))
    assert len(second) == 3
    assert {one.id for one in [*first[:PAGE], *second]} == made


@pytest.mark.parametrize("filled", [Filters(), Filters("某人", "某所", "520", Stratum.FINANCE)])
def test_filters_come_back_from_their_address(filled: Any) -> None:
    assert filters(filled.asked) == filled
