"""What is read of a bid: its form, its files, and the traces beside them."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bids.likeness import hints, reading
from portal.bids.likeness.hints import USUAL, Traces
from portal.bids.likeness.material import Part, collect, part_at
from portal.bids.likeness.reading import DOCX, PDF, Reading, read
from portal.bids.likeness.rules import HintKind, require_note
from portal.core.errors import Invalid
from tests.factories.likeness import make_docx, make_pdf

TERMS = {
    "title": "稀疏视点方案",
    "members": [{"name": "王 工"}, {"name": "李工"}],
    "promises": [
        {"indicator_id": "c45f9848-d803-4e76-adcb-1bd7c3a5f987", "value": "35", "how": "第三方检测"}
    ],
    "budget": [{"amount": "1234567.00"}, {"amount": "500000"}],
    "attachments": [{"title": "合作协议"}],
}


def test_texts_of_form_and_files_are_in_a_row_and_every_place_knows_its_part() -> None:
    pages = Reading(("第一页说的话", " ", "第三页\x00说的话"))
    made = collect(TERMS, [("方案.pdf", pages)])
    assert "王" not in made.text
    assert "35" not in made.text
    assert "d803" not in made.text
    assert "\x00" not in made.text
    for words, name, page in (
        ("稀疏视点方案", "title", 0),
        ("第三方检测", "promises", 0),
        ("第一页", "方案.pdf", 1),
        ("第三页", "方案.pdf", 3),
    ):
        part = part_at(made.parts, made.text.index(words))
        assert part is not None
        assert (part.name, part.page) == (name, page)
    assert part_at([], 3) is None


@given(st.lists(st.tuples(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=3))))
@settings(max_examples=100, deadline=None)
def test_the_database_can_keep_whatever_a_file_says(files: list[tuple[str, list[str]]]) -> None:
    made = collect({}, [(name, Reading(tuple(pages))) for name, pages in files])
    assert "\x00" not in made.text
    made.text.encode()
    starts = [part.start for part in made.parts]
    assert starts == sorted(starts)


@given(st.lists(st.integers(1, 50), max_size=6), st.integers(0, 300))
@settings(max_examples=100)
def test_a_place_lies_in_the_last_part_that_begins_before_it(gaps: list[int], place: int) -> None:
    starts = [sum(gaps[:n]) for n in range(len(gaps))]
    parts = [Part(start, str(start)) for start in starts]
    found = part_at(parts, place)
    expected = [start for start in starts if start <= place]
    assert (found.start if found else None) == (expected[-1] if expected else None)


def test_pdf_and_word_files_are_read_with_their_marks_and_broken_ones_break_nothing() -> None:
    word = read(make_docx("首钢园演播空间\n第二段", author="王工", saved_by="李工"), DOCX)
    assert word.pages == ("首钢园演播空间\n第二段",)
    assert (word.marks["author"], word.marks["saved_by"]) == ("王工", "李工")
    assert read(make_pdf(["first page here", "second one"]), PDF).pages == (
        "first page here",
        "second one",
    )
    for data, kind in ((b"%PDF-1.4 broken", PDF), (b"PK\x03\x04", DOCX), (b"GIF89a", "image/gif")):
        assert read(data, kind) == Reading(readable=False)


def test_a_reader_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.001)
    assert not read(make_pdf(["words"]), PDF).readable


TEXT = (
    "联系人王工,手机13800138000,座机010-88990011,邮箱 Wang@Example.com。"
    "我公司位于北京市石景山区石景山路68号院2号楼。场景咨询电话13911112222。"
)


def test_traces_are_found_in_text_form_and_files_but_not_those_of_the_call() -> None:
    marks = [("a.pdf", Reading((), {"author": "王工", "made": "D:20261124052351"}))]
    found = hints.traces(TERMS, TEXT, marks, "如有疑问请拨打13911112222")
    assert found["phone"] == ["01088990011", "13800138000"]
    assert found["email"] == ["wang@example.com"]
    assert found["address"] == ["石景山路68号院2号楼"]
    assert found["person"] == ["李工", "王工"]
    assert found["amount"] == ["123.4567"]
    assert found["saved_by"] == ["王工"]
    assert found["made"] == ["D:20261124052351"]


@pytest.mark.parametrize(
    ("address", "telling"),
    [("127.0.0.1", False), ("::1", False), ("", False), ("unix", False), ("203.0.113.9", True)],
)
def test_the_servers_own_address_tells_nothing(address: str, telling: bool) -> None:
    assert hints.is_telling(address) is telling


KINDS = st.sampled_from([kind.value for kind in HintKind])
TRACES = st.dictionaries(KINDS, st.lists(st.sampled_from("甲乙丙丁"), unique=True, max_size=4))


@given(TRACES, TRACES, TRACES)
@settings(max_examples=100)
def test_hints_are_what_both_show_the_same_from_both_sides(
    one: Traces, other: Traces, usual: Traces
) -> None:
    found = hints.shared(one, other, usual)
    assert found == hints.shared(other, one, usual)
    for hint in found:
        for value in hint.values:
            assert value in one[hint.kind.value]
            assert value in other[hint.kind.value]
            assert value not in usual.get(hint.kind.value, [])
    order = list(HintKind)
    places = [order.index(hint.kind) for hint in found]
    assert places == sorted(places)


@given(st.integers(1, 2 * USUAL))
@settings(max_examples=20)
def test_what_many_bids_show_is_no_trace(times: int) -> None:
    found = hints.usual([{"saved_by": ["Administrator"]}] * times)
    assert (found["saved_by"] == ["Administrator"]) is (times > USUAL)


@given(st.decimals(1, 10**9, places=2))
@settings(max_examples=100)
def test_only_odd_amounts_are_traces(amount: Decimal) -> None:
    found = hints.traces({"budget": [{"amount": str(amount)}]}, "", [], "")
    assert bool(found["amount"]) is bool(amount % 10_000)


def test_a_judgement_says_why() -> None:
    assert require_note("  两队共用公开标准文本。 ") == "两队共用公开标准文本。"
    with pytest.raises(Invalid):
        require_note("  没事        ")
