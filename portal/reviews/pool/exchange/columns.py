"""The sheet of experts: its columns, how each is read, and what the help says."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from portal.accounts.rules import check_uscc
from portal.challenges.exchange.choices import Choice
from portal.challenges.exchange.columns import KINDS_THAT_LEAD, Column, Language, Sheet
from portal.challenges.exchange.kinds import Line, Prose, Raw, Whole, Written, Wrong, as_text
from portal.core.errors import Invalid
from portal.core.words import N_
from portal.reviews.pool.disciplines import code_of, disciplines
from portal.reviews.pool.particulars import Post
from portal.reviews.pool.rules import (
    DISCIPLINES_MOST,
    KEYWORD_LENGTH,
    KEYWORDS_MOST,
    LOAD,
    LOAD_MOST,
    Stratum,
)

ROWS_MOST = 2_000
"""Experts of one file."""
BETWEEN = re.compile(r"[;；,，、\n]+")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?")


def parts_of(raw: Raw) -> list[str]:
    """What stands between commas, semicolons and line breaks."""
    return [part.strip() for part in BETWEEN.split(as_text(raw)) if part.strip()]


@dataclass(frozen=True)
class Address(Line):
    """An e-mail address, in small letters."""

    maximum: int = 254

    def read(self, raw: Raw, now: datetime) -> str:
        """The address. Raises Wrong."""
        text = super().read(raw, now).lower()
        if not ADDRESS.fullmatch(text):
            raise Wrong(N_("Please enter an e-mail address, like name@example.org."))
        return text


@dataclass(frozen=True)
class Uscc(Line):
    """A unified social credit code."""

    maximum: int = 30

    def read(self, raw: Raw, now: datetime) -> str:
        """The code in its normal form. Raises Wrong."""
        try:
            return check_uscc(super().read(raw, now))
        except Invalid as error:
            raise Wrong(error.message.text) from None


@dataclass(frozen=True)
class Codes:
    """Disciplines of GB/T 13745, by code or name, with commas."""

    empty: object = ()

    def read(self, raw: Raw, now: datetime) -> tuple[str, ...]:
        """The codes, each once, in the order of the standard. Raises Wrong."""
        found = {part: code_of(part) for part in parts_of(raw)}
        unknown = [part for part, code in found.items() if code is None]
        if unknown:
            raise Wrong(
                N_("No discipline of GB/T 13745 is called so: %(words)s."), words=unknown[0]
            )
        if len(set(found.values())) > DISCIPLINES_MOST:
            raise Wrong(N_("At most %(most)d disciplines, please."), most=DISCIPLINES_MOST)
        return tuple(code for code in disciplines() if code in found.values())

    def plain(self, value: object) -> Written:
        """The codes with commas."""
        return self.cell(value, "zh")

    def cell(self, value: object, language: str) -> Written:
        """Codes with their names."""
        return "；".join(f"{code} {disciplines()[code].named(language)}" for code in _listed(value))


@dataclass(frozen=True)
class Words:
    """A few words with commas."""

    empty: object = ()

    def read(self, raw: Raw, now: datetime) -> tuple[str, ...]:
        """The words, each once. Raises Wrong."""
        found = tuple(dict.fromkeys(parts_of(raw)))
        if len(found) > KEYWORDS_MOST:
            raise Wrong(N_("At most %(most)d keywords, please."), most=KEYWORDS_MOST)
        if any(len(word) > KEYWORD_LENGTH for word in found):
            raise Wrong(N_("A keyword has at most %(most)d characters."), most=KEYWORD_LENGTH)
        return found

    def plain(self, value: object) -> Written:
        """The words with commas."""
        return self.cell(value, "zh")

    def cell(self, value: object, language: str) -> Written:
        """The words with commas."""
        return "；".join(_listed(value))


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


@dataclass(frozen=True)
class Posts:
    """Employers, one a line: organisation | position | first day | last day or nothing."""

    empty: object = ()

    def read(self, raw: Raw, now: datetime) -> tuple[Post, ...]:
        """The employers. Raises Wrong."""
        return tuple(self._post(line) for line in as_text(raw).splitlines() if line.strip())

    def _post(self, line: str) -> Post:
        cells = [cell.strip() for cell in line.replace("｜", "|").split("|")]
        if len(cells) < 3 or len(cells) > 4 or not cells[0]:
            text = N_("Organisation | position | first day | last day, with upright strokes.")
            raise Wrong(text)
        since = _day(cells[2])
        until = _day(cells[3]) if len(cells) == 4 and cells[3] else None
        if until is not None and until < since:
            raise Wrong(N_("The last day comes before the first."))
        return Post(cells[0][:200], cells[1][:100], since, until)

    def plain(self, value: object) -> Written:
        """One a line."""
        return self.cell(value, "zh")

    def cell(self, value: object, language: str) -> Written:
        """One a line."""
        posts = value if isinstance(value, list | tuple) else ()
        lines = (
            f"{one.organisation} | {one.position} | {one.since} | {one.until or ''}".strip()
            for one in posts
        )
        return "\n".join(lines)


def _day(text: str) -> date:
    found = DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        raise Wrong(N_("Please enter a day, like 2024-03-01.")) from None


STRATA = Choice(
    {
        Stratum.TECHNICAL: ("技术", "Technical", "技术专家"),
        Stratum.INDUSTRY: ("产业", "Industry", "产业专家"),
        Stratum.FINANCE: ("财务", "Finance", "财务专家", "经济"),
    }
)
EXPERTS = Sheet(
    key="experts",
    zh="专家",
    en="Experts",
    most=ROWS_MOST,
    columns=(
        Column("name", "姓名", "Name", Line(100), True, width=12),
        Column("email", "邮箱", "E-mail address", Address(), True, width=26,
               note=("登录与接收通知的邮箱。尚无账号的，批准入库后收到开通链接。",
                     "For signing in. Whoever has no account gets a link once approved.")),
        Column("organisation", "工作单位", "Organisation", Line(200), True, width=30,
               note=("已注册单位的全称；未注册的另填代码与单位类型，导入时一并登记。",
                     "Full name. If it is not registered, its code and kind register it.")),
        Column("uscc", "统一社会信用代码", "Unified social credit code", Uscc(), width=22),
        Column("kind", "单位类型", "Kind of organisation", KINDS_THAT_LEAD, width=14),
        Column("stratum", "代表类别", "Stands for", STRATA, True, width=10),
        Column("title", "职称", "Professional title", Line(100), width=14),
        Column("disciplines", "学科", "Disciplines", Codes(), width=34,
               note=("GB/T 13745 代码或名称，最多八项，用分号隔开，如 52020；41620。",
                     "GB/T 13745 codes or names, at most eight, with semicolons.")),
        Column("keywords", "关键词", "Keywords", Words(), width=28),
        Column("about", "专长说明", "In their own words", Prose(2000), width=40),
        Column("max_load", "同时评审上限", "Bids at the same time", Whole(1, LOAD_MOST, LOAD),
               width=12),
        Column("posts", "兼职与曾任职单位", "Other and former employers", Posts(), width=44,
               note=("每行一条：单位 | 职务 | 起始日期 | 截止日期，至今的截止日期留空。",
                     "One a line: organisation | position | first day | last day or nothing.")),
    ),
)  # fmt: skip
HELP: dict[Language, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("专家导入模板", ""),
        ("怎么用", "在“专家”表每行填一位专家，存为 .xlsx 或 .csv，在“导入专家”页上传。先检查，"
         "无误再导入；有一处错误则全部不导入。"),
        ("必填", "蓝底加星号的为必填。表头有批注的，把鼠标移上去看说明。"),
        ("入库", "导入的专家待另一名工作人员批准后入库。已在库的专家保持不变。"),
        ("备注", "表头为“备注”的列不导入。"),
    ),
    "en": (
        ("Template for experts", ""),
        ("How to use it", "One expert a row on the sheet “Experts”; save as .xlsx or .csv and hand"
         " it in. It is checked first; with one thing wrong, nothing is imported."),
        ("Needed", "Heads in blue with a star. Some heads have a note: point at them."),
        ("Entry", "Another officer approves who was imported. Whoever is in the pool stays as is."),
        ("Remarks", "A column headed “Remarks” is not read."),
    ),
}  # fmt: skip
