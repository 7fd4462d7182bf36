"""The assignment against a general solver, its rules one by one, and what it says when it cannot."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from portal.reviews.assignment import candidates
from portal.reviews.assignment.fair import fair_assignment
from portal.reviews.assignment.in_turn import NOBODY, in_turn
from portal.reviews.assignment.instance import Instance, from_json
from portal.reviews.assignment.optimum import Assignment, Infeasible, best_assignment
from tests.bench.assign import make_instance


@st.composite
def instances(draw: st.DrawFn, *, rich: bool = True) -> dict[str, Any]:
    """Small instances with everything in them; many of them cannot be served."""
    height, width = draw(st.integers(1, 5)), draw(st.integers(2, 7))
    reviewers: list[dict[str, Any]] = [
        {"id": f"r{at}", "max_load": draw(st.integers(0, 4))} for at in range(width)
    ]
    bids: list[dict[str, Any]] = [
        {"id": f"b{at}", "reviews": draw(st.integers(0, 3))} for at in range(height)
    ]
    cells = [(row, col) for row in range(height) for col in range(width)]
    listed = draw(st.lists(st.sampled_from(cells), unique=True))
    values = [draw(st.integers(0, 8)) / 8 for _ in listed]
    clashes = draw(st.lists(st.sampled_from(cells), unique=True, max_size=4))
    if rich:
        for one in reviewers:
            one["organisation"] = draw(st.sampled_from([None, "A", "B"]))
            one["stratum"] = draw(st.sampled_from(["technical", "finance"]))
        known = {one["stratum"] for one in reviewers}
        for bid in bids:
            if bid["reviews"] and "finance" in known and draw(st.booleans()):
                bid["strata"] = {"finance": 1}
    return {
        "reviewers": reviewers,
        "bids": bids,
        "fit": {
            "rows": [row for row, _ in listed],
            "cols": [col for _, col in listed],
            "values": values,
        },
        "conflicts": [[f"b{row}", f"r{col}"] for row, col in clashes],
    }


def solved_otherwise(instance: Instance) -> float | None:
    """The greatest total by a general integer programme over all pairs, or None."""
    height, width = instance.shape
    every = np.arange(height * width)
    fits = instance.fits_of(every)
    shut = np.isin(every, instance.conflicts)
    bids, people = np.divmod(every, width)
    rows, least, most = [], [], []

    def rule(which: Any, low: float, high: float) -> None:
        rows.append(which.astype(float))
        least.append(low)
        most.append(high)

    for bid in range(height):
        rule(bids == bid, instance.reviews[bid], instance.reviews[bid])
        for house in set(instance.organisations[instance.organisations >= 0].tolist()):
            rule((bids == bid) & (instance.organisations[people] == house), 0, 1)
        for kind, count in instance.minima.get(bid, {}).items():
            rule((bids == bid) & (instance.strata[people] == kind), count, np.inf)
    for person in range(width):
        rule(people == person, 0, instance.loads[person])
    found = milp(
        -fits,
        integrality=np.ones(len(every)),
        bounds=Bounds(0, np.where(shut, 0, 1)),
        constraints=LinearConstraint(np.array(rows), least, most),
    )
    return None if found.x is None else float(-found.fun)


def keeps_the_rules(found: Assignment) -> None:
    """Every constraint of the instance."""
    instance = found.instance
    bids, people = instance.split(found.pairs)
    assert len(set(found.pairs.tolist())) == len(found.pairs)
    assert not np.isin(found.pairs, instance.conflicts).any()
    assert (np.bincount(bids, minlength=len(instance.bids)) == instance.reviews).all()
    assert (found.loads <= instance.loads).all()
    for bid in range(len(instance.bids)):
        houses = instance.organisations[people[bids == bid]]
        houses = houses[houses >= 0]
        assert len(set(houses.tolist())) == len(houses)
        kinds = instance.strata[people[bids == bid]].tolist()
        for kind, least in instance.minima.get(bid, {}).items():
            assert kinds.count(kind) >= least
    assert np.isin(instance.fixed, found.pairs).all()


@settings(max_examples=100, deadline=None)
@given(instances(rich=False))
def test_it_is_the_greatest_total_and_the_bound_says_so(raw: dict[str, Any]) -> None:
    instance = from_json(raw)
    expected = solved_otherwise(instance)
    if expected is None:
        with pytest.raises(Infeasible):
            best_assignment(instance)
        return
    found = best_assignment(instance)
    keeps_the_rules(found)
    assert found.total == pytest.approx(expected, abs=1e-4)
    assert expected - 1e-6 <= found.bound <= expected + 1e-4


@settings(max_examples=100, deadline=None)
@given(instances())
def test_organisations_and_strata_are_kept_and_the_bound_is_true(raw: dict[str, Any]) -> None:
    instance = from_json(raw)
    expected = solved_otherwise(instance)
    if expected is None:
        with pytest.raises(Infeasible) as refused:
            best_assignment(instance)
        assert refused.value.lacking
        return
    found = best_assignment(instance)
    keeps_the_rules(found)
    assert found.total <= expected + 1e-6 <= found.bound + 1e-5


@settings(max_examples=60, deadline=None)
@given(instances())
def test_the_fair_one_never_serves_the_worst_bid_worse(raw: dict[str, Any]) -> None:
    instance = from_json(raw)
    try:
        best = best_assignment(instance)
    except Infeasible:
        return
    fair = fair_assignment(instance)
    keeps_the_rules(fair)
    assert fair.floor_bound is not None
    assert best.worst - 1e-9 <= fair.worst <= fair.floor_bound + 1e-6


@pytest.mark.parametrize("places", [1.0, 1.2])
def test_few_candidates_reach_what_all_pairs_reach(
    places: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_instance(40, 30, 30)
    loads = np.full(30, int(np.ceil(places * whole.reviews.sum() / 30)))
    instance = replace(whole, loads=loads)
    expected = best_assignment(instance)
    monkeypatch.setattr(candidates, "AT_LEAST", 5)
    monkeypatch.setattr(candidates, "PER_REVIEW", 1)
    found = best_assignment(instance)
    keeps_the_rules(found)
    assert found.total == pytest.approx(expected.total, abs=1e-4)


@given(instances())
def test_a_first_assignment_in_turn_breaks_no_rule(raw: dict[str, Any]) -> None:
    instance = from_json(raw)
    height, width = instance.shape
    best = np.full((height, 1), NOBODY)
    for pair in instance.pairs[np.argsort(instance.fits, kind="stable")].tolist():
        best[pair // width] = pair % width
    pairs = in_turn(instance, best)
    bids, people = instance.split(pairs)
    assert len(set(pairs.tolist())) == len(pairs)
    assert not np.isin(pairs, instance.conflicts).any()
    assert (np.bincount(bids, minlength=height) <= instance.reviews).all()
    assert (np.bincount(people, minlength=width) <= instance.loads).all()
    for bid in range(height):
        houses = instance.organisations[people[bids == bid]]
        assert len(set(houses[houses >= 0].tolist())) == (houses >= 0).sum()
