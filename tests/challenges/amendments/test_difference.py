"""Two sheets and what differs between them: the one and the difference give the other."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.amendments.difference import (
    TABLES,
    Difference,
    Fate,
    difference,
    is_blank,
    matched,
)

NAMES = st.sampled_from(["定位误差", "定位静态误差", "端到端时延", "采集视点", "重建输出", "良率"])
INDICATORS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "operator": st.sampled_from(["ge", "le"]),
        "value": st.sampled_from(["1", "2", "3"]),
        "unit": st.sampled_from(["mm", "ms"]),
    }
)
CRITERIA = st.fixed_dictionaries({"name": NAMES, "weight": st.integers(1, 100)})
FUNDS = st.dictionaries(st.sampled_from(["city", "district", "social"]), st.sampled_from("123"))
TEXTS = st.text("静态误差不超过。,\n", max_size=12)


def without_blanks(sheet: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sheet.items() if not is_blank(value)}


SHEETS = st.fixed_dictionaries(
    {
        "title": TEXTS,
        "content": TEXTS,
        "months": st.integers(1, 60),
        "race": st.booleans(),
        "lead_kinds": st.lists(st.sampled_from(["enterprise", "university"]), unique=True),
        "indicators": st.lists(INDICATORS, max_size=6),
        "criteria": st.lists(CRITERIA, max_size=4),
        "funds": FUNDS.map(lambda f: [{"source": k, "amount": v} for k, v in f.items()]),
    },
    optional={"later": TEXTS},
).map(without_blanks)


def indicator(
    name: str, value: str = "1", unit: str = "mm", operator: str = "le"
) -> dict[str, str]:
    return {"name": name, "operator": operator, "value": value, "unit": unit}


def fates(change: Difference) -> list[tuple[str, str]]:
    return [
        (row.fate.value, (row.after or row.before or {})["name"]) for row in change.tables[0].rows
    ]


@given(SHEETS, SHEETS)
@settings(max_examples=200, deadline=None)
def test_the_difference_applied_to_the_earlier_sheet_gives_the_later(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert difference(before, after).applied_to(before) == after


@given(SHEETS)
@settings(max_examples=50, deadline=None)
def test_nothing_differs_between_a_sheet_and_itself(sheet: dict[str, Any]) -> None:
    assert not difference(sheet, dict(sheet))


@given(SHEETS, SHEETS)
@settings(max_examples=100, deadline=None)
def test_every_row_of_both_sheets_is_in_the_difference_once(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    for table in difference(before, after).tables:
        old = [row.was for row in table.rows if row.was is not None]
        assert sorted(old) == list(range(len(before.get(table.name, []))))
        assert [row.after for row in table.rows if row.after] == after.get(table.name, [])


@given(st.lists(INDICATORS, max_size=6), st.lists(INDICATORS, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_row_that_has_its_name_in_both_sheets_is_the_same_row(
    before: list[dict[str, str]], after: list[dict[str, str]]
) -> None:
    for row, place in zip(after, matched(TABLES["indicators"], before, after), strict=True):
        if place is None:
            left = matched(TABLES["indicators"], before, after)
            free = [one for i, one in enumerate(before) if i not in left]
            assert row["name"] not in {one["name"] for one in free}


def test_an_indicator_that_is_changed_moved_added_or_removed_is_told_apart() -> None:
    before = {
        "indicators": [indicator("定位误差"), indicator("时延", unit="ms"), indicator("良率")]
    }
    after = {
        "indicators": [
            indicator("时延", "2", "ms"),
            indicator("定位误差"),
            indicator("采集视点", unit="路"),
        ]
    }
    assert fates(difference(before, after)) == [
        ("changed", "时延"), ("kept", "定位误差"), ("removed", "良率"), ("added", "采集视点"),
    ] or fates(difference(before, after)) == [
        ("changed", "时延"), ("removed", "良率"), ("kept", "定位误差"), ("added", "采集视点"),
    ]  # fmt: skip


def test_a_reworded_indicator_is_a_change_and_another_one_in_its_place_is_not() -> None:
    one = {"indicators": [indicator("光学静态定位误差")]}
    reworded = difference(one, {"indicators": [indicator("光学静态定位的误差")]})
    assert fates(reworded) == [("changed", "光学静态定位的误差")]
    assert [c.name for c in reworded.tables[0].rows[0].columns] == ["name"]
    other = difference(one, {"indicators": [indicator("端到端时延")]})
    assert fates(other) == [("removed", "光学静态定位误差"), ("added", "端到端时延")]
    unit = difference(one, {"indicators": [indicator("光学静态定位的误差", unit="μm")]})
    assert [fate for fate, _ in fates(unit)] == ["removed", "added"]


def test_money_of_one_source_is_never_taken_for_another() -> None:
    change = difference(
        {"funds": [{"source": "city", "amount": "5"}]},
        {"funds": [{"source": "district", "amount": "5"}]},
    )
    assert [row.fate for row in change.tables[0].rows] == [Fate.REMOVED, Fate.ADDED]


def test_a_blank_that_stays_blank_is_no_change() -> None:
    assert not difference({"title_en": "", "lead_kinds": []}, {"title_en": None})
    assert difference({"race": False}, {"race": True}).names == {"race"}
