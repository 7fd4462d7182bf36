"""Files that are traps, or simply wrong: refused in one sentence, and quickly."""

import io
import zipfile

import pytest
import yaml
from openpyxl import Workbook, load_workbook

from portal.challenges.exchange import workbook_out, yaml_in
from portal.challenges.exchange.columns import CALL, INDICATORS
from portal.challenges.exchange.content import Content, entry_of
from portal.challenges.exchange.document import WORKBOOK_LARGEST, YAML_LARGEST
from portal.challenges.exchange.meaning import understand
from portal.challenges.exchange.reading import read
from portal.challenges.exchange.workbook_in import ROWS_MOST
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts
from tests.challenges.exchange.made import NOW, NUMBER, least

HEADS = ["榜题编号", "榜题名称", "市级财政(万元)"]


def workbook(**sheets: list[list[object]]) -> bytes:
    """A workbook with these sheets, the call filled in."""
    book = Workbook()
    book.remove(book.active)
    call = [[CALL.by_key[key].zh, value] for key, value in least()["call"].items()]
    for name, rows in {"榜单": [["项目", "内容"], *call], **sheets}.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def packed(data: bytes, **changes: bytes) -> bytes:
    """A workbook with parts put in or replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        parts = {part: source.read(part) for part in source.namelist()}
        for name, part in {**parts, **changes}.items():
            target.writestr(name, part, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def told(data: bytes) -> list[tuple[str, int, str, str]]:
    """What is wrong, with its place."""
    document = read(data)
    understand(document, NOW)
    return [
        (one.place.sheet.zh if one.place.sheet else "", one.place.row, one.place.letter, one.text)
        for one in document.troubles
        if not one.is_warning
    ]


def only(data: bytes) -> str:
    """The one thing that is wrong with the file as a whole."""
    ((sheet, row, letter, text),) = told(data)
    assert (sheet, row, letter) == ("", 0, "")
    return text


def test_a_workbook_that_is_a_trap_is_refused():
    good = workbook(榜题=[HEADS, ["001", "重建", 600]])
    assert told(good) == []
    bomb = packed(good, **{"xl/media/image1.png": bytes(30 << 20)})
    assert len(bomb) < 200_000
    assert "unpacked" in only(bomb)
    assert "larger than" in only(good + bytes(WORKBOOK_LARGEST))
    assert "links" in only(packed(good, **{"xl/externalLinks/externalLink1.xml": b"<x/>"}))
    assert "macros" in only(packed(good, **{"xl/vbaProject.bin": b"x"}))
    assert "password" in only(b"\xd0\xcf\x11\xe0" + bytes(600))
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>'
    assert "damaged" in only(packed(good, **{"xl/sharedStrings.xml": entity}))
    wide = entity.decode().encode("utf-16")
    assert "damaged" in only(packed(good, **{"xl/sharedStrings.xml": wide}))
    assert "damaged" in only(good[:-300])
    assert "damaged" in only(b"PK\x03\x04" + bytes(40))


def test_a_row_far_below_does_not_keep_the_reader_busy():
    good = workbook(榜题=[HEADS, ["001", "重建", 600]])
    with zipfile.ZipFile(io.BytesIO(good)) as source:
        name = next(part for part in source.namelist() if part.endswith("sheet2.xml"))
        page = source.read(name)
    far = f'<row r="{10**12}"><c r="A{10**12}" t="n"><v>1</v></c></row></sheetData>'.encode()
    ((sheet, row, _, text),) = told(packed(good, **{name: page.replace(b"</sheetData>", far)}))
    assert (sheet, row) == ("榜题", ROWS_MOST)
    assert "delete" in text


def test_a_formula_gives_the_value_that_was_kept_and_an_error_is_told():
    page = [HEADS, ["001", "重建", "=100*6"], ["002", "捕捉", "#N/A"]]
    ((sheet, row, letter, text),) = told(workbook(榜题=page))
    assert (sheet, row, letter) == ("榜题", 3, "C")
    assert "error of the table program" in text


def test_every_problem_of_a_workbook_is_told_at_its_cell():
    data = workbook(
        榜题=[
            [*HEADS, "实施时间", "备注"],
            ["001", "重建", "六百", 24, "不读"],
            ["001", "捕捉", -1, 24, ""],
            ["有 空格", "", 5, 24, ""],
        ],
        考核指标=[
            ["榜题编号", "指标名称", "比较", "指标值", "区间上限"],
            ["001", "输出", "≥", "", ""],
            ["001", "精度", "大约", 3, ""],
            ["009", "无主", "≥", 3, ""],
            ["", "无主", "≥", 3, ""],
        ],
        别的表=[["x"]],
    )
    found = {(sheet, row, letter): text for sheet, row, letter, text in told(data)}
    assert set(found) == {
        ("榜题", 1, "D"), ("榜题", 2, "C"), ("榜题", 3, "A"), ("榜题", 3, "C"), ("榜题", 4, ""),
        ("榜题", 4, "A"), ("考核指标", 3, "C"), ("考核指标", 4, "A"), ("考核指标", 5, ""),
    }  # fmt: skip
    data = workbook(
        榜题=[HEADS, ["1", "重建", 600]],
        考核指标=[
            ["榜题编号", "指标名称", "比较", "指标值", "区间上限"],
            [1, "输出", "区间", 5, 3],
        ],
    )
    ((sheet, row, letter, _),) = told(data)
    assert (sheet, row, letter) == ("考核指标", 2, "E")


def test_a_needed_column_that_is_missing_is_told_once():
    data = workbook(榜题=[["榜题编号"], ["001"], ["002"]])
    ((sheet, row, _, text),) = told(data)
    assert (sheet, row) == ("榜题", 1)
    assert "missing" in text


def test_rows_beyond_what_a_file_may_have_are_told():
    rows = [["001", f"指标{n}", "定性"] for n in range(45)]
    heads = ["榜题编号", "指标名称", "比较"]
    ((sheet, row, _, text),) = told(
        workbook(榜题=[HEADS, ["001", "重建", 1]], 考核指标=[heads, *rows])
    )
    assert (sheet, row) == (INDICATORS.zh, 42)
    assert "at most" in text


def nested(depth: int) -> str:
    return "call: " + "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &x [1]\nb: *x", "aliases"),
        ("call: !!python/object:os.system {}", "Tags"),
        ("call: {}\n---\ncall: {}", "more than one"),
        (nested(10), "nested"),
        ("call: [1, 2", "not YAML"),
        ("- just\n- a list", "must have"),
        ("", "must have"),
        ("call:\n\t- tab", "not YAML"),
    ],
)
def test_yaml_that_is_not_plain_data_is_refused(text, word):
    assert word in only(text.encode())


def test_yaml_that_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml_in, "EVENTS_MOST", 1000)  # the real one takes a second
    assert "UTF-8" in only("call: 榜单".encode("gbk"))
    assert "larger than" in only(b"#" * (YAML_LARGEST + 1))
    assert "too many" in only(b"challenges: [" + b"1," * yaml_in.EVENTS_MOST + b"]")


def test_every_problem_of_yaml_is_told_at_its_line():
    text = """\
call:
  number: BJ-JB-2026-YYZ
  title: 榜单
  title: 又一次
  cluster: science-fiction
  year: 今年
challenges:
  - code: "001"
    titel: 错字
    title: 重建
    city: [1, {a: 2}]
    indicators:
      - {name: 输出, operator: ge}
      - 不是字段
    settings: {winners: 1, race: true}
extra: 1
"""
    assert [row for _, row, _, _ in sorted(told(text.encode()), key=lambda one: one[1])] == [
        4, 6, 9, 11, 13, 14, 14, 14, 15, 16,
    ]  # fmt: skip


def test_a_rubric_for_all_holds_where_a_challenge_has_none_of_its_own():
    own = [{"name": "自己的", "weight": 100}]
    rows = [{"title": "一"}, {"title": "二", "criteria": own}]
    shared = [{"name": "共同的", "weight": 100}]
    document = read(yaml.safe_dump(least(challenges=rows, criteria=shared)).encode())
    found = understand(document, NOW)
    assert found is not None
    names = [[row.name for row in one.facts.criteria] for one in found.challenges]
    assert names == [["共同的"], ["自己的"]]
    book = workbook(
        榜题=[HEADS, ["001", "一", 1], ["002", "二", 1]],
        评分标准=[["榜题编号", "评分项", "权重"], ["", "共同的", 100], ["002", "自己的", 100]],
    )
    found = understand(read(book), NOW)
    assert found is not None
    assert [[row.name for row in one.facts.criteria] for one in found.challenges] == names


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_is_itself_without_fault_but_empty(language):
    data = workbook_out.write(None, language, ["科幻产业重点项目群", "=1+1"])
    document = read(data)
    assert [one for one in document.troubles if not one.is_warning] == []
    assert document.challenges == []
    book = load_workbook(io.BytesIO(data))
    call = book[CALL.name(language)]
    assert call.freeze_panes == "B2"
    indicators = book[INDICATORS.name(language)]
    assert indicators.freeze_panes == "C2"
    assert indicators["D1"].comment is not None
    assert any(check.type == "list" for check in indicators.data_validations.dataValidation)
    assert data == workbook_out.write(None, language, ["科幻产业重点项目群", "=1+1"])


def test_text_that_looks_like_a_formula_stays_text_for_the_table_program():
    title = '=HYPERLINK("http://evil.example","看")'
    usual = Settings()
    facts = entry_of(f"{NUMBER}-001", ChallengeFacts(title, summary="+1", background="@a"), usual)
    data = workbook_out.write(Content({**vars(usual), **least()["call"]}, (facts,)), "zh")
    page = load_workbook(io.BytesIO(data))["榜题"]
    cells = [cell for cell in page[2] if str(cell.value)[:1] in "=+@"]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]
    assert all(cell.quotePrefix for cell in cells)
