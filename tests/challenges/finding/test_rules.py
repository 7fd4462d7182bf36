"""What can be found by what, how an address is read, and what is counted."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.finding import rules
from portal.challenges.finding.rules import COUNTED, STAGES, Cell, Filters, Sort
from portal.challenges.rules import ChallengeState, Phase, phase

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TEXTS = st.text(
    st.one_of(
        st.sampled_from("动作捕捉重建三维0aZé-，。 ％（１Ａ々〇𠀀あ한"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


def finds(typed: str, text: str) -> bool:
    """What the database answers: every term is there, or begins something that is."""
    terms = [term for term in rules.search(typed).split(" & ") if term]
    known = rules.tokens(text)
    return bool(terms) and all(
        any(word.startswith(term[1:-3]) for word in known)
        if term.endswith(":*")
        else term[1:-1] in known
        for term in terms
    )


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("捕捉", "光学惯性融合动作捕捉"),
        ("捉", "光学惯性融合动作捕捉"),
        ("动作捕捉", "光学惯性融合动作捕捉"),
        ("重建 动态", "动态三维重建"),
        ("MOT cap", "Motion Capture"),
        ("ＭＯＴＩＯＮ", "motion"),
        ("motion", "Ｍｏｔｉｏｎ"),
        ("BJ-JB-2026", "BJ-JB-2026-001"),
        ("3D重建", "用于3d重建的"),
        ("１００％", "精度提高100%"),
        ("々", "佐々木"),
    ],
)
def test_what_is_typed_finds_what_contains_it(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("捕捞", "动作捕捉"),
        ("作动", "动作捕捉"),
        ("动捕", "动作，捕捉"),
        ("otion", "motion"),
        ("motions", "motion"),
        ("", "动作"),
        ("，。!'\\ &|:*()", "动作，。!'\\ &|:*()"),
    ],
)
def test_what_is_typed_does_not_find_what_lacks_it(typed: str, text: str) -> None:
    assert not finds(typed, text)


@settings(max_examples=200)
@given(TEXTS, st.data())
def test_any_part_of_a_text_that_begins_a_word_finds_it(text: str, data: st.DataObject) -> None:
    words = text.split()
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    part = word[: data.draw(st.integers(1, len(word)))]
    if rules.search(part):
        assert finds(part, text)


@settings(max_examples=200)
@given(TEXTS)
def test_a_query_is_made_of_quoted_words_only(text: str) -> None:
    for term in filter(None, rules.search(text).split(" & ")):
        inner = term.removesuffix(":*")
        assert (inner[0], inner[-1]) == ("'", "'")
        assert not set(inner[1:-1]) & set("'\\&|!():* \n")
        assert 1 <= len(inner) - 2 <= rules.LONGEST_WORD


def test_an_address_is_read_leniently_and_what_is_no_answer_is_named_and_kept() -> None:
    asked = rules.read(
        {
            "words": " 动作 ",
            "cluster": "c",
            "stage": "open",
            "sort": "budget",
            "budget_from": "1,000.5",
            "closes_to": "2026-06-30",
            "other": "x",
        }
    )
    filters = asked.filters
    assert (filters.words, filters.cluster, filters.stage) == ("动作", "c", Phase.OPEN)
    assert (filters.sort, filters.budget_from) == (Sort.BUDGET, Decimal(10_005_000))
    assert filters.closes_to == datetime(2026, 6, 30, 16, tzinfo=UTC) - timedelta(microseconds=1)
    assert asked.problems == {}
    assert set(asked.kept) == {
        "words", "cluster", "stage", "sort", "budget_from", "closes_to",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("budget_from", typed) for typed in ("many", "NaN", "-1", "1e999", "inf", "99999999999")),
        *(("closes_to", typed) for typed in ("tomorrow", "2026-02-30", "2026")),
    ],
)
def test_no_number_and_no_date_narrow_nothing(name: str, typed: str) -> None:
    asked = rules.read({name: typed, "words": "x"})
    assert set(asked.problems) == {name}
    assert asked.kept[name] == typed
    assert asked.filters == Filters(words="x")


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from([*rules.NAMES, "x"]), st.text(max_size=30)))
def test_any_address_is_read(arguments: dict[str, str]) -> None:
    asked = rules.read(arguments)
    again = rules.read(asked.kept)
    assert again == asked
    assert set(asked.problems) <= set(asked.kept) <= set(rules.NAMES)


KEY = "0c9b1e3e-8c5b-4e0e-9d5b-2f6a7b8c9d0e"


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize(
    "text", ["", "x", "|", "NaN|", f"NaN|{KEY}", f"2026-01-01|{KEY}", "1e9|x", "9" * 400]
)
def test_a_place_that_is_none_is_no_place(sort: Sort, text: str) -> None:
    assert rules.place_in(sort, text) is None


def test_a_place_is_read_as_its_order_needs() -> None:
    key = uuid4()
    assert rules.place_in(Sort.BUDGET, f"5000000.00|{key}") == (Decimal(5_000_000), key)
    assert rules.place_in(Sort.NEWEST, f"{NOW.isoformat()}|{key}") == (NOW, key)


@pytest.mark.parametrize("state", list(ChallengeState))
def test_every_state_is_in_the_states_of_its_stage(state: ChallengeState) -> None:
    for closes_at in (NOW, NOW + timedelta(days=1)):
        assert state in rules.states_of(phase(state, closes_at, NOW))
    assert rules.stage_of(state) is phase(state, NOW + timedelta(days=1), NOW)


CELLS = st.lists(
    st.builds(
        Cell,
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.sampled_from(["", "f", "g"]),
        st.sampled_from(STAGES[:3]),
        st.integers(1, 5),
    ),
    max_size=12,
)
CHOSEN = st.builds(
    Filters,
    cluster=st.sampled_from(["", "a", "c"]),
    district=st.sampled_from(["", "x"]),
    field=st.sampled_from(["", "f"]),
    stage=st.sampled_from([None, *STAGES[:2]]),
)


@settings(max_examples=200)
@given(CELLS, CHOSEN)
def test_a_count_is_what_choosing_it_would_show(cells: list[Cell], chosen: Filters) -> None:
    counts = rules.counts(cells, chosen)
    for name in COUNTED:
        for value in {getattr(cell, name) for cell in cells}:
            if value:
                narrowed = Filters(**{**vars(chosen), name: value})
                assert counts[name][str(value)] == rules.total(cells, narrowed)
    everything = rules.counts(cells, Filters())
    assert all(sum(one.values()) == rules.total(cells, Filters()) for one in everything.values())


def test_nothing_is_counted_of_nothing() -> None:
    assert rules.counts([], Filters()) == {name: Counter() for name in COUNTED}
    assert rules.total([], Filters(cluster="a")) == 0


def test_a_sort_alone_narrows_nothing_and_deadlines_are_ahead_unless_a_later_stage_is_asked() -> (
    None
):
    assert not Filters(sort=Sort.BUDGET).narrows
    assert Filters(field="x").narrows
    assert Filters(sort=Sort.DEADLINE).is_ahead
    assert Filters(sort=Sort.DEADLINE, stage=Phase.OPEN).is_ahead
    assert not Filters(sort=Sort.DEADLINE, stage=Phase.AWARDED).is_ahead
    assert not Filters().is_ahead
    assert Filters(cluster="x").is_counted
    assert not Filters(words="x").is_counted
    assert not Filters(closes_to=NOW).is_counted
