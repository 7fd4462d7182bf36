"""What a section holds, how far it has come, how two texts are compared and made one."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.sections import compare, rules
from portal.bids.sections.rules import PARTS, Progress, Section
from portal.bids.terms import BidTerms, PlannedMilestone, Promise
from portal.core.crypto import canonical

WORDS = st.text("甲乙。；\n", max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries({"name": st.text("甲乙丙", max_size=2), "share": st.integers(0, 3)}),
    max_size=4,
)
CONTENT = st.fixed_dictionaries({"title": WORDS, "summary": WORDS, "members": ROWS})


def same(one: Any, other: Any) -> bool:
    """Whether two contents say the same, in whatever order their rows are."""
    return compare.pieces(one) == compare.pieces(other)


@settings(max_examples=200)
@given(mine=CONTENT, theirs=CONTENT)
def test_whoever_takes_nothing_keeps_all_and_whoever_takes_all_has_the_others_text(
    mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    found = compare.differences(mine, theirs)
    assert bool(found) != same(mine, theirs)
    assert compare.merged(mine, theirs, []) == mine
    taken = compare.merged(mine, theirs, [one.path for one in found])
    assert len(taken["members"]) == len(theirs["members"])
    assert sorted(map(canonical, taken["members"])) == sorted(map(canonical, theirs["members"]))
    assert (taken["title"], taken["summary"]) == (theirs["title"], theirs["summary"])


@settings(max_examples=100)
@given(mine=CONTENT, theirs=CONTENT, chooses=st.randoms(use_true_random=False))
def test_each_piece_stands_as_it_was_chosen_and_nothing_else_changes(
    mine: dict[str, Any], theirs: dict[str, Any], chooses: Any
) -> None:
    found = compare.differences(mine, theirs)
    wanted = {one.path for one in found if chooses.random() < 0.5}
    result = compare.merged(mine, theirs, wanted)
    assert set(result) == set(mine)
    expected = compare.pieces(mine)
    for one in found:
        if one.path in wanted:
            expected[one.part, one.name] = one.other
    kept = [piece for piece in expected.values() if piece is not None]
    assert sorted(map(canonical, kept)) == sorted(map(canonical, compare.pieces(result).values()))


def test_a_path_that_does_not_exist_changes_nothing() -> None:
    mine = {"title": "甲", "members": []}
    assert compare.merged(mine, {"title": "乙", "members": []}, ["nonsense", "members/9"]) == mine


@settings(max_examples=150)
@given(before=WORDS, after=WORDS)
def test_the_marks_of_two_texts_give_both_back(before: str, after: str) -> None:
    marks = compare.marked(before, after)
    assert "".join(text for kind, text in marks if kind != "new") == before
    assert "".join(text for kind, text in marks if kind != "gone") == after


@pytest.mark.parametrize("section", list(Section))
def test_a_section_is_empty_begun_or_complete(section: Section) -> None:
    blank = rules.part_of(BidTerms().to_json(), section)
    assert set(blank) == set(PARTS[section])
    assert rules.progress(blank, 3) is Progress.EMPTY
    assert rules.progress({**blank, PARTS[section][0]: "字"}, 1) is Progress.BEGUN
    assert rules.progress({**blank, PARTS[section][0]: "字"}, 0) is Progress.COMPLETE


SPEED, RENAMED, SAME = uuid4(), uuid4(), uuid4()
HERE = {SPEED: ("速度", "帧/秒"), RENAMED: ("误差", "毫米")}
THERE = {SAME: ("速度", "帧/秒"), uuid4(): ("误差", "厘米")}


def test_promises_go_to_the_indicators_of_the_same_name_and_unit() -> None:
    terms = BidTerms(
        title="旧方案",
        promises=(Promise(SPEED, None, "甲"), Promise(RENAMED, None, "乙")),
        milestones=(PlannedMilestone(6, "样机", "报告", 100, (SPEED, RENAMED)),),
    )
    moved = BidTerms.from_json(rules.fitted(terms, HERE, THERE))
    assert moved.promises == (Promise(SAME, None, "甲"),)
    assert moved.milestones == (replace(terms.milestones[0], indicators=(SAME,)),)
    assert moved.title == "旧方案"
    unknown = BidTerms(promises=(Promise(UUID(int=9), None, "丙"),))
    assert BidTerms.from_json(rules.fitted(unknown, HERE, THERE)).promises == ()
