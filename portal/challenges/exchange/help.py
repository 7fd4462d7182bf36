"""What the help sheet of the template says."""

from collections.abc import Iterator

from portal.challenges.exchange.choices import Choice
from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    CRITERIA,
    INDICATORS,
    RULES,
    SHEETS,
    Language,
)

Lines = tuple[tuple[str, str], ...]
CHINESE: Lines = (
    ("榜单导入模板", ""),
    (
        "怎么用",
        "逐表填写，存为 .xlsx，在“导入榜单”页上传。先检查，无误再导入；有一处错误则全部不导入。",
    ),
    ("必填", "蓝底加星号的为必填；其余可先空着，发布前再补。表头有批注的，把鼠标移上去看说明。"),
    (CALL.zh, "一份文件一个榜单，左列是项目，右列填内容。规则留空即用默认值。"),
    (CHALLENGES.zh, "每行一道榜题。资金一律以万元填写，没有的填0或留空。"),
    (INDICATORS.zh, "每行一项指标，第一列写所属榜题编号，顺序即指标顺序。"),
    (CRITERIA.zh, "每道榜题权重合计100。第一列留空的行，适用于没有单独填写评分标准的全部榜题。"),
    (RULES.zh, "某道榜题与榜单规则不同的，在此单列；相同的留空。"),
    ("公式与备注", "只取公式算出的值。表头为“备注”的列不导入。"),
    ("已有榜题", "编号相同的草稿按文件更新；已报批或已发布的不能通过导入修改。"),
    (
        "示例",
        "重建输出 | ≥ | 30 | （空） | 帧/秒；工作温度 | 区间 | -40 | 125 | ℃。",
    ),
    ("可选值", ""),
)
ENGLISH: Lines = (
    ("Template for importing a call", ""),
    ("How", "Fill in the sheets, save as .xlsx and upload it on “Import a call”. It is checked first; "
            "with one thing wrong, nothing is imported."),
    ("Needed", "Blue heads with a star are needed; the rest may wait until publishing. "
               "Rest the pointer on a head to read its note."),
    (CALL.en, "One call a file: the field at the left, its content at the right. "
              "A rule left blank takes its default."),
    (CHALLENGES.en, "A challenge a row. Money in units of 10,000 yuan; 0 or blank where there is none."),
    (INDICATORS.en, "An indicator a row, in their order; the first column names the challenge."),
    (CRITERIA.en, "The weights of a challenge sum to 100. Rows whose first column is blank hold for "
                  "every challenge without a rubric of its own."),
    (RULES.en, "Where a challenge differs from the rules of its call; blank where it does not."),
    ("Formulas, remarks", "Of a formula the value is taken. A column headed “Remarks” is not read."),
    ("Known challenges", "A draft with the same code is changed to what the file says; what was "
                         "proposed or published is not changed by an import."),
    ("Example", "Indicator: frame rate | ≥ | 30 | | fps | third-party test. "
                "Range: working temperature | between | -40 | 125 | ℃ | third-party test."),
    ("Choices", ""),
)  # fmt: skip


def help_lines(language: Language) -> Iterator[tuple[str, str]]:
    """A word and what is to be said about it; a line without text is a title."""
    yield from CHINESE if language == "zh" else ENGLISH
    seen = set()
    for sheet in SHEETS:
        for column in sheet.columns:
            if isinstance(column.kind, Choice) and column.key not in seen:
                seen.add(column.key)
                words = (str(column.kind.cell(m, language)) for m in column.kind.words)
                yield column.head(language), " / ".join(words)
