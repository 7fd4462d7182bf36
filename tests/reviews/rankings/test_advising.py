"""The advice beside an order: what it says of a round that was made to say it."""

import json

import numpy as np
import pytest

from portal.reviews.rankings.advising import FEWEST_BIDS, advice_of
from portal.reviews.rankings.rules import Rule
from tests.reviews.rankings.test_snapshot import inputs, line


def a_round(bids: int, reviewers: int, lenient: float = 0, seed: int = 1):
    """Bids a few points apart; the first reviewer gives `lenient` points more than the others."""
    draws = np.random.default_rng(seed)
    return inputs(
        *(
            line(
                f"b{bid}",
                f"r{who}",
                round(75 - 3 * bid + (lenient if who == 0 else 0) + draws.normal(0, 1), 1),
            )
            for bid in range(bids)
            for who in range(reviewers)
        )
    )


@pytest.mark.parametrize(("bids", "reviewers"), [(1, 5), (4, 1)])
def test_with_one_bid_or_one_reviewer_there_is_no_advice(bids, reviewers):
    assert advice_of(a_round(bids, reviewers), Rule(), 1) is None


def test_agreement_is_no_number_where_there_are_too_few_marks():
    assert advice_of(a_round(FEWEST_BIDS - 1, 9), Rule(), 1)["alpha"] is None
    assert advice_of(a_round(FEWEST_BIDS, 3), Rule(), 1)["alpha"] is None
    assert advice_of(a_round(FEWEST_BIDS, 4), Rule(), 1)["alpha"] > 0.8


def test_a_lenient_reviewer_stands_out_and_the_others_do_not():
    told = advice_of(a_round(8, 5, lenient=12), Rule(), 2)["reviewers"]
    assert [seat for seat, one in told.items() if one["stands_out"]] == ["r0"]
    assert told["r0"]["leniency"] > 5 > abs(told["r1"]["leniency"])
    assert {one["sheets"] for one in told.values()} == {8}


def test_the_advice_is_plain_json_and_the_same_again():
    rows = a_round(6, 5)
    told = advice_of(rows, Rule(), 2)
    assert (
        json.loads(json.dumps(told)) == told == advice_of(dict(reversed(rows.items())), Rule(), 2)
    )
    for bid in told["bids"].values():
        assert 1 <= bid["from"] <= bid["to"] <= 6
        assert 0 <= bid["among_first"] <= 1


def test_a_sheet_far_from_what_the_others_expect_stands_out():
    rows = a_round(8, 5)
    odd = next(name for name, row in rows.items() if (row["bid"], row["seat"]) == ("b3", "r2"))
    rows[odd] = line("b3", "r2", 30)
    told = advice_of(rows, Rule(), 1)["sheets"]
    assert min(told, key=told.get) == odd


def test_the_first_place_is_told_without_each_reviewer_by_the_published_rule():
    rows = inputs(
        *(line("a", f"r{n}", 80) for n in range(3)),
        *(line("b", f"r{n}", 99 if n == 0 else 71) for n in range(3)),
    )
    told = advice_of(rows, Rule(trim_from=None), 1)["without"]
    assert told == {"r0": [["a"]], "r1": [["b"]], "r2": [["b"]]}
