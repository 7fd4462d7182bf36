"""How well an expert fits a bid, and what is said for it."""

import numpy as np
import pytest

from portal.reviews.allotment import fits
from portal.reviews.allotment.fits import Fits, Knowledge, Subject

BID = Subject(("52020",), "面向大场景的三维重建与神经渲染，采用多视几何与可微渲染。")
OTHER = Subject(("48040",), "液氢储供系统的低温绝热与整车示范运营。")
NEAR = Knowledge(("52020",), ("三维重建", "神经辐射场"), "多视角三维重建与神经渲染")
FIELD = Knowledge(("52060",), (), "实时渲染")
FAR = Knowledge(("79039",), ("财务审计",), "项目预算与财务审计")


def fit(bid: int, expert: int) -> float:
    return Fits([BID, OTHER], [NEAR, FIELD, FAR]).fit(bid, expert)


def test_a_shared_discipline_counts_more_than_a_shared_field_and_that_more_than_none() -> None:
    assert fit(0, 0) > fit(0, 1) > fit(0, 2)
    assert 0 <= fit(1, 2) < fits.LEAST
    assert fit(0, 0) <= 1


def test_what_speaks_for_a_pair_is_said() -> None:
    why = Fits([BID], [NEAR, FIELD, FAR]).why
    assert (why(0, 0).disciplines, why(0, 0).keywords) == (("52020",), ("三维重建",))
    assert (why(0, 1).disciplines, why(0, 1).fields) == ((), ("520",))
    assert why(0, 0).text > why(0, 2).text
    assert why(0, 2).keywords == ()


def test_a_keyword_is_met_in_whatever_width_and_case_it_is_written() -> None:
    bid = Subject((), "基于ＬＥＤ 影棚的虚拟拍摄")
    assert Fits([bid], [Knowledge((), ("led影棚",), "")]).why(0, 0).keywords == ("led影棚",)


def test_only_the_best_are_listed_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fits, "LISTED", 1)
    monkeypatch.setattr(fits, "AT_ONCE", 1)
    steps: list[int] = []
    pairs, values = Fits([BID, OTHER], [FAR, NEAR]).listed(lambda done, total: steps.append(done))
    assert pairs.tolist() == [1]
    assert values[0] == pytest.approx(Fits([BID], [NEAR]).fit(0, 0))
    assert steps == [0, 1]


def test_nobody_and_nothing_give_no_pairs() -> None:
    pairs, values = Fits([], []).listed()
    assert (len(pairs), len(values)) == (0, 0)
    assert np.asarray(Fits([Subject((), "")], [Knowledge((), (), "")]).listed()[0]).size == 0
