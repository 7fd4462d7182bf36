"""The disciplines of GB/T 13745: two levels, each code once, found by code or name."""

import pytest

from portal.reviews.pool.disciplines import code_of, disciplines, names, tree, under


def test_there_are_62_fields_and_every_code_lies_in_one_of_them() -> None:
    known = disciplines()
    fields = [code for code in known if len(code) == 3]
    assert len(fields) == 62
    assert list(known) == sorted(known)
    assert {one.field for one in known.values()} == set(fields)
    assert {len(code) for code in known} == {3, 5}
    assert all(one.zh and one.en for one in known.values())
    assert sum(1 + len(parts) for parts in tree().values()) == len(known)


def test_no_two_disciplines_have_one_name() -> None:
    for language in ("zh", "en"):
        called = [one.named(language).casefold() for one in disciplines().values()]
        assert len(called) == len(set(called))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("520", "520"),
        ("52020", "52020"),
        ("520.20", "52020"),
        (" 52020 人工智能 ", "52020"),
        ("人工智能", "52020"),
        ("Artificial intelligence", "52020"),
        ("52021", None),
        ("5202010", None),
        ("999", None),
        ("玄学", None),
        ("", None),
    ],
)
def test_a_code_is_read_from_what_people_write(words: str, code: str | None) -> None:
    assert code_of(words) == code


def test_a_field_covers_itself_and_what_lies_below() -> None:
    assert under("520") == ["520", "52010", "52020", "52030", "52040", "52050", "52060"]
    assert under("52020") == ["52020"]


def test_names_are_in_the_readers_language_and_a_lost_code_stands_for_itself() -> None:
    assert names(["520", "52020", "77777"], "zh") == ["计算机科学技术", "人工智能", "77777"]
    assert names(["52020"], "en") == ["Artificial intelligence"]
