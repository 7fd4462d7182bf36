"""What the answers of the formal check come to, and what a correction may touch."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.checks import rules
from portal.bids.checks.rules import Answer, Item, Verdict
from portal.bids.sections.rules import PARTS, Section
from portal.core.words import Message

verdicts = st.sampled_from(Verdict)
answered = st.sampled_from([Verdict.HOLDS, Verdict.FAILS])
items = st.lists(verdicts, max_size=12).map(
    lambda found: [Item(f"item:{n}", Message("x"), one) for n, one in enumerate(found)]
)


@settings(max_examples=150)
@given(items, st.data())
def test_a_bid_passes_only_when_each_item_holds_and_is_refused_only_when_one_fails(
    listed: list[Item], data: st.DataObject
) -> None:
    keys = [item.key for item in listed]
    answers = {
        key: Answer(data.draw(answered), "理由")
        for key in (data.draw(st.sets(st.sampled_from(keys))) if keys else set())
    }
    found = [rules.verdict_of(item, answers.get(item.key)) for item in listed]
    tally = rules.tally(listed, answers)
    assert tally.may_pass == all(one is Verdict.HOLDS for one in found)
    assert tally.may_reject == any(one is Verdict.FAILS for one in found)
    assert tally.holding + tally.failing + tally.open == len(listed)
    assert not (tally.may_pass and tally.may_reject)


@settings(max_examples=60)
@given(verdicts, answered, st.text(max_size=10))
def test_a_word_is_owed_where_an_item_fails_or_an_officer_overrules(
    finding: Verdict, verdict: Verdict, remark: str
) -> None:
    item = Item("x", Message("x"), finding)
    owed = verdict is Verdict.FAILS or finding is Verdict.FAILS
    found = rules.answer_problems(item, Answer(verdict, remark))
    assert bool(found) == (owed and not remark.strip())
    assert rules.answer_problems(item, Answer(Verdict.OPEN, remark))


def manifest() -> dict[str, Any]:
    terms = {name: f"{name} 原文" for parts in PARTS.values() for name in parts}
    return {
        "challenge_id": "1",
        "lead": {"name": "甲"},
        "partners": [{"name": "乙", "duty": "测试"}],
        "terms": terms,
        "document": {"sha256": "0" * 64},
    }


@settings(max_examples=120)
@given(st.sets(st.sampled_from(Section)), st.sets(st.sampled_from(Section)))
def test_a_correction_may_touch_the_named_sections_and_nothing_else(
    named: set[Section], touched: set[Section]
) -> None:
    before, after = manifest(), deepcopy(manifest())
    for section in touched:
        after["terms"][PARTS[section][0]] = "改动"
    changed = {section.value for section in touched}
    assert rules.changed_parts(before, after) == changed
    assert rules.outside(before, after, named) == changed - {one.value for one in named}
    assert rules.outside(before, before, named) == set()


@pytest.mark.parametrize("section", list(Section))
def test_no_named_section_covers_the_team_or_what_nobody_knows(section: Section) -> None:
    before = manifest()
    for change in ({"partners": []}, {"lead": {"name": "丙"}}, {"new": 1}):
        assert rules.outside(before, {**before, **change}, [section]) == {""}
    unknown = {**before, "terms": {**before["terms"], "unknown": 1}}
    assert rules.outside(before, unknown, [section]) == {""}
    other = {**before, "document": {"sha256": "1" * 64}}
    expected = set() if section is Section.ATTACHMENTS else {"attachments"}
    assert rules.outside(before, other, [section]) == expected


BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 330 * 24).map(lambda hours: BEGINNING + timedelta(hours=hours))


@settings(max_examples=100, deadline=None)  # the first asks for a year's holidays
@given(moments, st.integers(1, 15))
def test_a_window_of_working_days_lies_ahead_and_grows_with_its_days(
    start: datetime, days: int
) -> None:
    due = rules.due_at(start, days)
    assert due >= start + timedelta(days=days)
    assert rules.due_at(start, days + 1) > due
    assert rules.reply_until(start) == rules.due_at(start, rules.REPLY_DAYS)


def test_a_correction_names_sections_says_what_and_gives_some_days() -> None:
    def fields(sections: list[Section], remark: str, days: int) -> list[str]:
        return [one.field for one in rules.correction_problems(sections, remark, days)]

    good = "请补充第三方检测报告。"
    assert fields([Section.ROUTE], good, 3) == []
    assert fields([], " 短 ", 0) == ["sections", "remark", "days"]
    assert fields([Section.ROUTE], good, 16) == ["days"]
