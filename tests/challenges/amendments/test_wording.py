"""Texts compared: the old pieces are the old text, the new ones the new, and little is marked."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.challenges.amendments.wording import MOST, Piece, compared

TEXTS = st.text("动态误差时延不超过三毫米0123456789.mm ms。;,\n", max_size=80)


def shown(before: str, after: str) -> str:
    """The pieces in one line: [-out-] and {+in+}."""
    signs = {(True, True): "{}", (True, False): "[-{}-]", (False, True): "{{+{}+}}"}
    return "".join(signs[p.is_old, p.is_new].format(p.text) for p in compared(before, after))


@given(TEXTS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_the_old_pieces_are_the_old_text_and_the_new_ones_the_new(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.is_old) == before
    assert "".join(piece.text for piece in pieces if piece.is_new) == after


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_between_two_stretches_that_stayed_stands_one_change(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert all(piece.text for piece in pieces)
    kinds = [(piece.is_old, piece.is_new) for piece in pieces]
    stayed, out, put_in = (True, True), (True, False), (False, True)
    allowed = {(stayed, out), (stayed, put_in), (out, put_in), (out, stayed), (put_in, stayed)}
    assert set(pairwise(kinds)) <= allowed


@given(TEXTS)
@settings(max_examples=50, deadline=None)
def test_a_text_beside_itself_is_one_piece(text: str) -> None:
    assert compared(text, text) == ((Piece(text),) if text else ())


def test_only_the_number_that_changed_is_marked() -> None:
    before = "静态几何误差不超过1.5毫米。动态误差不超过3毫米。"
    after = "静态几何误差不超过1.0毫米。动态误差不超过3毫米。"
    assert shown(before, after) == "静态几何误差不超过[-1.5-]{+1.0+}毫米。动态误差不超过3毫米。"


def test_a_new_sentence_leaves_its_neighbours_alone() -> None:
    before = "稀疏视点动态重建。云边协同渲染。"
    after = "稀疏视点动态重建。虚拟人实时驱动。云边协同渲染。"
    assert shown(before, after) == "稀疏视点动态重建。{+虚拟人实时驱动。+}云边协同渲染。"


def test_a_sentence_written_anew_is_shown_whole() -> None:
    before, after = "依赖密集视点采集。", "提供演播空间两处!"
    assert shown(before, after) == f"[-{before}-]{{+{after}+}}"


def test_a_very_long_passage_without_sentences_is_not_compared_word_by_word() -> None:
    before, after = "甲" * 2000, "乙甲" * 1000
    assert len(before) * len(after) > MOST
    assert [piece.text for piece in compared(before, after)] == [before, after]
