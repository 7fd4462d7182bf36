"""Plots, topics, and what stands in the way: numbers and words alone."""

import numpy as np
import pytest

from portal.core.errors import Invalid
from portal.reviews.allotment import plots, shortfall, topics
from portal.reviews.assignment.instance import Instance
from portal.reviews.assignment.optimum import Infeasible, best_assignment


def test_bars_count_what_they_are_given() -> None:
    plot = plots.of_loads([1, 1, 3], [2])
    assert plot.rows == [("1", [2, 0]), ("2", [0, 1]), ("3", [1, 0])]
    tallest = max(plot.bars, key=lambda one: one.height)
    assert (tallest.label, tallest.row, tallest.count) == ("1", 0, 2)
    assert all(bar.x >= 0 and bar.x + bar.width <= plots.WIDTH for bar in plot.bars)


def test_a_whole_fit_is_in_the_last_bar() -> None:
    assert [row[1] for row in plots.of_fits([0.0, 0.05, 1.0]).rows] == [[2], *[[0]] * 8, [1]]
    assert plots.of_loads([]).bars == []


def test_disciplines_are_typed_as_codes_or_names() -> None:
    assert topics.codes_of("520.20，计算机科学技术;52020", "codes") == ["52020", "520"]
    with pytest.raises(Invalid):
        topics.codes_of("炼金术", "codes")
    with pytest.raises(Invalid):
        topics.codes_of("、".join(list(topics.disciplines())[: topics.MOST + 1]), "codes")
    assert topics.codes_of(topics.shown(["52020"], "zh"), "codes") == ["52020"]


def test_a_discipline_that_a_text_names_is_suggested() -> None:
    assert "52020" in topics.suggested("基于人工智能的三维重建")
    assert topics.suggested("") == []


def instance(reviews: int, loads: list[int], homes: list[int], **more: object) -> Instance:
    people = len(loads)
    return Instance(
        bids=["a", "b"],
        reviewers=[str(one) for one in range(people)],
        reviews=np.array([reviews, reviews]),
        loads=np.array(loads),
        pairs=np.arange(2 * people),
        fits=np.full(2 * people, 0.5),
        conflicts=np.empty(0, np.int64),
        organisations=np.array(homes),
        strata=np.zeros(people, np.int64),
        **more,
    )


@pytest.mark.parametrize(
    ("given", "why", "helps"),
    [
        (instance(2, [2, 2], [0, 0]), shortfall.NO_HOMES, "other organisations"),
        (instance(2, [1, 1, 1], [0, 1, 2]), shortfall.NO_PLACES, "places for"),
        (
            instance(2, [2, 2], [0, 1], minima={0: {1: 1}, 1: {1: 1}}),
            shortfall.NO_STRATUM,
            "part of the pool",
        ),
    ],
    ids=["organisations", "places", "stratum"],
)
def test_what_is_lacking_and_what_would_help_is_said(given: Instance, why: str, helps: str) -> None:
    with pytest.raises(Infeasible) as found:
        best_assignment(given)
    rows = shortfall.lacks(given, found.value, {1: "finance"})
    assert rows
    assert {row.why.text for row in rows} == {why}
    assert any(helps in str(one) for one in shortfall.helps(given, found.value, rows))
