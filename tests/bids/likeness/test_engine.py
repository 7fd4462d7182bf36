"""Likeness of texts: the same is 1, strangers are 0, the call never counts, passages are real."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.likeness import join as engine_join
from portal.bids.likeness.engine import alike
from portal.bids.likeness.join import FEWEST, is_common, join, most_texts
from portal.bids.likeness.passages import NOTHING, Side, passages, score, side
from portal.bids.likeness.plain import plain
from portal.bids.likeness.sketch import GRAM, among, grams, known_grams, sampled, sketch
from tests.bench.chinese import Writer, corpus

WORDS = st.text(
    st.sampled_from("的一是在不了有和人这中大为上个国我以要他时来用们生到作地"), max_size=60
)
LEFT = st.text(st.sampled_from("甲乙丙丁戊己庚辛壬癸"), max_size=80)
RIGHT = st.text(st.sampled_from("子丑寅卯辰巳午未申酉戌亥"), max_size=80)
ANY = st.text(max_size=120)
SIGNS = st.text(st.sampled_from(" ,。;、\n\t（）“”-_·"), max_size=3)


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_a_character_that_counts_is_found_at_its_place(text: str) -> None:
    found = plain(text)
    for code, place in zip(found.codes.tolist(), found.places.tolist(), strict=True):
        assert chr(code) in plain(text[place]).text
    assert (np.diff(found.places) >= 0).all()
    assert len(plain(found.text)) == len(found)


@given(st.lists(st.tuples(WORDS, SIGNS), max_size=6))
@settings(max_examples=80, deadline=None)
def test_spaces_and_punctuation_do_not_count(parts: list[tuple[str, str]]) -> None:
    assert plain("".join(word + sign for word, sign in parts)).text == "".join(w for w, _ in parts)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ＡＢｃ１２", "abc12"),
        ("50㎡", "50m2"),
        ("①、②", "12"),
        ("首 钢-园。", "首钢园"),
        ("𠀀字", "𠀀字"),
    ],
)
def test_ways_of_writing_the_same_are_the_same(written: str, meant: str) -> None:
    assert plain(written).text == meant


@given(WORDS.filter(lambda text: len(text) >= GRAM))
@settings(max_examples=80, deadline=None)
def test_a_text_is_like_itself(text: str) -> None:
    assert score(side(text), side(text)) == 1
    assert score(side(text), side(f"{text},。")) == 1
    [found, *_] = passages(side(text * 3), side(text * 3))
    assert found.length >= len(text)


@given(LEFT, RIGHT)
@settings(max_examples=80, deadline=None)
def test_texts_without_a_word_in_common_are_not_alike(left: str, right: str) -> None:
    assert score(side(left), side(right)) == 0
    assert passages(side(left), side(right)) == []


@given(WORDS, WORDS, WORDS, WORDS)
@settings(max_examples=150, deadline=None)
def test_likeness_is_the_same_from_both_sides(one: str, other: str, both: str, call: str) -> None:
    known = known_grams(call)
    left, right = side(f"{one}{both}", known), side(f"{both}{call}{other}", known)
    assert score(left, right) == score(right, left)
    assert 0 <= score(left, right) <= 1


@given(LEFT, RIGHT, WORDS)
@settings(max_examples=150, deadline=None)
def test_what_the_call_says_never_counts(left: str, right: str, call: str) -> None:
    known = known_grams(call)
    quoting = side(f"{left}{call}", known), side(f"{call}{right}", known)
    assert score(*quoting) == 0
    assert passages(*quoting) == []
    assert score(side(call, known), side(call, known)) == 0


def spoken(part: Side, text: str, span: tuple[int, int]) -> str:
    return plain(text[slice(*span)]).text


@given(ANY, ANY, WORDS, ANY, ANY)
@settings(max_examples=150, deadline=None)
def test_passages_really_stand_in_both_texts(a: str, b: str, both: str, c: str, d: str) -> None:
    left, right = f"{a}{both}{b}", f"{c}{both}{d}"
    one, other = side(left), side(right)
    for passage in passages(one, other):
        assert passage.length == sum(
            min(len(spoken(one, left, s.left)), len(spoken(other, right, s.right)))
            for s in passage.stretches
        )
        for stretch in passage.stretches:
            said, heard = spoken(one, left, stretch.left), spoken(other, right, stretch.right)
            assert said in heard or heard in said
        begins = [stretch.left[0] for stretch in passage.stretches]
        assert begins == sorted(begins)


def test_a_small_change_does_not_end_a_passage() -> None:
    writer = Writer(5)
    before, after = writer.prose(120), writer.prose(120)
    left, right = f"{before}改动之前{after}", f"{before}后来另写{after}"
    [found] = passages(side(left), side(right))
    assert len(found.stretches) == 2
    assert found.left == (0, len(plain(left).places) and plain(left).places[-1] + 1)


def test_fingerprints_depend_on_the_words_alone_and_are_one_in_eight() -> None:
    text = Writer(3).prose(40_000)
    hashes = grams(plain(text).codes)
    assert 0.11 < sampled(hashes).mean() < 0.14
    inside = sketch(plain(text[1000:9000]).codes, NOTHING)
    assert among(inside, sketch(plain(text).codes, NOTHING)).all()
    assert not len(sketch(plain(text).codes, known_grams(text)))
    assert not len(grams(plain("七个字不够长").codes))


@given(st.lists(st.sets(st.integers(0, 40), max_size=25), min_size=2, max_size=9))
@settings(max_examples=80, deadline=None)
def test_the_join_counts_as_one_would_by_hand(sets: list[set[int]]) -> None:
    spread = [np.array(sorted(v << 40 for v in values), np.uint64) for values in sets]
    joined = join(spread)
    found = {
        (int(a), int(b)): int(n)
        for a, b, n in zip(joined.first, joined.second, joined.shared, strict=True)
    }
    assert found == {
        (a, b): len(sets[a] & sets[b])
        for a in range(len(sets))
        for b in range(a + 1, len(sets))
        if len(sets[a] & sets[b]) >= FEWEST
    }
    fresh = join(spread, fresh=1)
    assert {(int(a), int(b)) for a, b in zip(fresh.first, fresh.second, strict=True)} == {
        pair for pair in found if pair[0] == 0
    }


def test_pairs_too_many_for_one_go_are_counted_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = corpus(200, 40, seed=3)
    sketches = [sketch(plain(text).codes, NOTHING) for text in made.texts]
    whole = join(sketches)
    monkeypatch.setattr(engine_join, "CHUNK", 1 << 10)
    parts = join(sketches)
    assert len(whole.first) >= 40
    for name in ("first", "second", "shared", "common"):
        assert (getattr(parts, name) == getattr(whole, name)).all()


def test_what_stands_in_many_texts_is_a_template_and_joins_nothing() -> None:
    template = np.arange(1, 30, dtype=np.uint64) << np.uint64(40)
    many = most_texts(20) + 1
    joined = join([template] * many)
    assert not len(joined.first)
    assert is_common(template, joined.common).all()
    assert len(join([template] * (many - 1)).first) == (many - 1) * (many - 2) // 2


def test_planted_copies_are_found_and_nothing_else() -> None:
    made = corpus(400, 90, seed=7)
    found = {(pair.first, pair.second) for pair in alike(made.texts, known_grams(made.call))}
    for share, wanted in ((0.2, 0.95), (0.5, 0.99), (0.8, 0.99)):
        planted = {pair for pair, copied in made.planted.items() if copied == share}
        assert len(found & planted) >= wanted * len(planted)
    assert len(found & set(made.planted)) >= 0.95 * len(found)


def test_the_more_was_copied_the_more_alike() -> None:
    made = corpus(60, 30, seed=9)
    found = {(p.first, p.second): p.score for p in alike(made.texts, known_grams(made.call))}
    for pair, copied in made.planted.items():
        assert 0.6 * copied < found[pair] < copied + 0.1


@given(WORDS, WORDS, WORDS, WORDS)
@settings(max_examples=100, deadline=None)
def test_no_passage_goes_beyond_a_part_of_either_text(a: str, b: str, c: str, d: str) -> None:
    both = a + b + c
    left, right = f"{both}{d}", f"{d}{both}"
    cuts = [(0, len(a), len(both)), (0, len(d), len(d) + len(a) + len(b))]
    one, other = side(left, starts=cuts[0]), side(right, starts=cuts[1])
    for passage in passages(one, other):
        for (begin, end), starts in ((passage.left, cuts[0]), (passage.right, cuts[1])):
            assert not [start for start in starts if begin < start < end]


def test_a_passage_over_two_fields_is_shown_in_each_of_them() -> None:
    first, second = Writer(7).prose(60), Writer(8).prose(50)
    text, start = f"{first}\n{second}", len(first) + 1
    whole = passages(side(text), side(text))
    assert [passage.left for passage in whole] == [(0, whole[0].left[1])]
    halves = passages(side(text, starts=(0, start)), side(text, starts=(0, start)))
    assert [passage.left[0] for passage in halves] == [0, start]
    assert sum(passage.length for passage in halves) == whole[0].length
    assert score(side(text, starts=(0, start)), side(text)) == 1.0
