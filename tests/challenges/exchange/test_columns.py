"""The one table of columns leaves nothing out, and asks what the editor asks."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges import forms
from portal.challenges.calls.rules import CallFacts
from portal.challenges.editor.forms import FORMS as SECTIONS
from portal.challenges.exchange.choices import Choice, Several, folded
from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    CRITERIA,
    INDICATORS,
    OF_CHALLENGE,
    PARTS,
    RULES,
    SHEETS,
    Part,
    Sheet,
)
from portal.challenges.exchange.kinds import Line, Number, Prose, Wan, Whole, Wrong, as_text, tidy
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource
from tests.challenges.exchange.made import AWKWARD, NOW


def names(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}


def keys(sheet: Sheet, part: Part = Part.OWN) -> set[str]:
    return {column.key for column in sheet.of(part)}


def test_every_field_of_a_call_and_of_a_challenge_has_its_column():
    assert keys(CALL, Part.SETTING) == keys(RULES, Part.SETTING) == names(Settings)
    refs = {"cluster": "cluster_id", "issuer": "issuer_id"}
    assert {refs.get(key, key) for key in keys(CALL)} | {"settings"} == names(CallFacts)
    in_sheets = {"funds", *(sheet.key for sheet in PARTS)}
    assert keys(CHALLENGES) - {"code"} | in_sheets == names(ChallengeFacts)
    assert keys(CHALLENGES, Part.FUND) == {source.value for source in FundSource}
    assert keys(INDICATORS) == names(IndicatorFacts)
    assert keys(CRITERIA) == names(CriterionFacts)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_a_head_is_told_apart_in_every_language(sheet):
    columns = (OF_CHALLENGE, *sheet.columns) if sheet in PARTS else sheet.columns
    words = [{folded(one.zh), folded(one.en), folded(one.key)} for one in columns]
    assert sum(len(each) for each in words) == len(set().union(*words))


def test_every_member_of_an_enum_is_a_choice():
    for sheet in SHEETS:
        for column in sheet.columns:
            kind = column.kind.one if isinstance(column.kind, Several) else column.kind
            if not isinstance(kind, Choice):
                continue
            members = set(kind.words)
            family = type(next(iter(members)))
            wanted = {True, False} if family is bool else set(family)
            assert members >= {m for m in wanted if getattr(m, "value", m) != "government"} or (
                members == wanted
            )
            for member, words in kind.words.items():
                for word in (*words, str(kind.plain(member))):
                    assert kind.read(word, NOW) == member


FORMS = (
    *((CHALLENGES, form) for form in SECTIONS.values()),
    (INDICATORS, forms.IndicatorRow),
    (CRITERIA, forms.CriterionRow),
)


def test_a_column_takes_as_much_text_as_the_editor():
    compared = 0
    for sheet, form in FORMS:
        for column in sheet.columns:
            field = getattr(form, column.key, None)
            if field is None or not isinstance(column.kind, Prose):
                continue
            limits = [check.max for check in field.args[1] if hasattr(check, "max")]
            assert limits == [column.kind.maximum], column.key
            compared += 1
    assert compared > 15


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=40), st.sampled_from(AWKWARD)))
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    one = Line(10_000).normal(text)
    assert Line(10_000).normal(one) == one
    assert not set(one) & {"\n", "\t", "\x00"}


@given(st.decimals("-99999999999999", "99999999999999", places=6, allow_nan=False))
def test_a_number_is_read_as_it_is_written(value):
    kind = Number()
    assert kind.read(str(kind.plain(value)), NOW) == value
    if abs(value) < 10**9:
        assert kind.read(float(value), NOW) == value, "a table program keeps 15 digits"


@given(st.decimals("0", "99999999999999.99", places=2, allow_nan=False))
def test_money_is_exact_to_the_cent(yuan):
    kind = Wan()
    assert kind.read(str(kind.plain(yuan)), NOW) == yuan


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-12-18 17:00", "2026-12-18 17:00"),
        ("2026/12/8", "2026-12-08 17:00"),
        ("2026年12月18日 9:30", "2026-12-18 09:30"),
        ("2026-12-18T09:30:59", "2026-12-18 09:30"),
        ("+40d 17:00", "2027-01-03 17:00"),
        ("+40天", "2027-01-03 17:00"),
    ],
)
def test_a_deadline_is_understood_as_people_write_it(typed, meant):
    kind = CHALLENGES.by_key["closes_at"].kind
    assert kind.plain(kind.read(typed, NOW)) == meant


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (CHALLENGES.by_key["closes_at"].kind, "下周五"),
        (CHALLENGES.by_key["closes_at"].kind, "2026-02-30"),
        (CHALLENGES.by_key["closes_at"].kind, "2026-12-18 25:00"),
        (CHALLENGES.by_key["closes_at"].kind, "0001-01-01 00:00"),
        (Number(), "约30"),
        (Number(), "NaN"),
        (Number(), "1e99"),
        (Number(), "0.0000001"),
        (Wan(), "-1"),
        (Wan(), "0.0000001"),
        (Whole(1, 9), "2.5"),
        (Whole(1, 9), "10"),
        (Whole(1, 9), True),
        (Prose(3), "四个字的"),
        (INDICATORS.by_key["operator"].kind, "大概"),
        (CALL.by_key["tranche_shares"].kind, "40, 三十"),
        (CALL.by_key["lead_kinds"].kind, "政府"),
    ],
)
def test_what_cannot_be_meant_is_refused(kind, typed):
    with pytest.raises(Wrong):
        kind.read(typed, NOW)


def test_text_of_any_cell_is_text():
    shown = [as_text(raw) for raw in (True, 30, 0.1 + 0.2, 1e15, NOW.replace(tzinfo=None))]
    assert shown == ["true", "30", "0.3", "1000000000000000", "2026-11-24 02:00"]
