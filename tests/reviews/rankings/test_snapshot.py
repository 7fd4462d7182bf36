"""The frozen inputs: the order comes from them alone, and what changed can be told."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.ranking_rule import ScoreRule, TieBreak
from portal.challenges.settings import Settings
from portal.reviews.rankings import snapshot
from portal.reviews.rankings.rules import Rule, is_carried

rules = st.builds(
    Rule,
    trim_from=st.none() | st.integers(3, 9),
    pass_mark=st.decimals(0, 100, places=2),
    vote=st.booleans(),
    ties=st.lists(st.sampled_from(TieBreak), unique=True, max_size=3).map(tuple),
)


def line(bid: str, seat: str, *points: object, vote: bool | None = None) -> dict[str, Any]:
    total = sum((Decimal(str(one)) for one in points), Decimal(0))
    texts = [str(one) for one in points]
    return {"bid": bid, "seat": seat, "total": str(total), "points": texts, "vote": vote}


def inputs(*lines: dict[str, Any]) -> dict[str, Any]:
    return {f"sheet{number}": one for number, one in enumerate(lines)}


def order(rule: Rule, *lines: dict[str, Any]) -> list[tuple[str, int]]:
    return [(place.bid_id, place.place) for place in snapshot.places_of(inputs(*lines), rule)]


@settings(max_examples=100)
@given(rules)
def test_a_rule_comes_back_as_it_was_frozen(rule):
    assert snapshot.thawed(snapshot.frozen(rule)) == rule


def test_a_snapshot_of_an_older_time_is_read_with_the_rule_of_its_time():
    assert snapshot.thawed({"trim_from": 5, "pass_mark": "70"}) == Rule()
    old = {"a": {"bid": "x", "total": "80", "first": "20"}}
    assert [place.mean for place in snapshot.places_of(old, Rule())] == [Decimal(80)]


@pytest.mark.parametrize(("score_rule", "trim"), [(ScoreRule.MEAN, None), (ScoreRule.TRIMMED, 7)])
def test_the_rule_is_the_published_one(score_rule, trim):
    chosen = Settings(
        score_rule=score_rule, trim_from=7, expert_vote=True, tie_third=TieBreak.VOTES
    )
    rule = snapshot.rule_of(chosen)
    assert rule.trim_from == trim
    assert rule.vote
    assert rule.ties == (TieBreak.CRITERION_1, TieBreak.ALL, TieBreak.VOTES)


def test_equals_are_told_apart_by_the_named_criteria_in_their_order():
    a, b = line("a", "r", 30, 50, vote=False), line("b", "r", 35, 45, vote=True)
    second_first = Rule(ties=(TieBreak.CRITERION_2, TieBreak.CRITERION_1))
    assert order(second_first, a, b) == [("a", 1), ("b", 2)]
    assert order(Rule(ties=(TieBreak.CRITERION_1,)), a, b) == [("b", 1), ("a", 2)]
    assert order(Rule(ties=(TieBreak.VOTES,)), a, b) == [("b", 1), ("a", 2)]
    assert order(Rule(ties=(TieBreak.CRITERION_6,)), a, b) == [("a", 1), ("b", 1)]
    assert order(Rule(ties=()), a, b) == [("a", 1), ("b", 1)]


@pytest.mark.parametrize(("votes", "of", "carried"), [(2, 3, True), (3, 5, False), (4, 5, True)])
def test_two_thirds_carry(votes, of, carried):
    assert is_carried(votes, of) == carried


def test_where_there_is_a_vote_the_mark_alone_does_not_pass():
    lines = [line("a", f"r{n}", 40, 40, vote=n < 1) for n in range(3)]
    (place,) = snapshot.places_of(inputs(*lines), Rule(vote=True))
    assert (place.passed, place.votes) == (False, 1)
    (place,) = snapshot.places_of(inputs(*lines), Rule(vote=False))
    assert (place.passed, place.votes) == (True, None)


def test_what_differs_is_told_sheet_by_sheet():
    one, two, three = line("a", "r1", 30, 40), line("a", "r2", 30, 41), line("a", "r3", 1, 2)
    after = {"s1": line("a", "r1", 30, 45), "s2": two, "s4": three}
    found = snapshot.differing({"s1": one, "s2": two, "s3": three}, after)
    assert [(row["what"], row["sheet"], row["was"], row["now"]) for row in found] == [
        ("changed", "s1", "70", "75"),
        ("gone", "s3", "3", ""),
        ("new", "s4", "", "3"),
    ]
    assert snapshot.differing(after, after) == []
