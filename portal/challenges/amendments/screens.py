"""A difference in words: what was, what is now, for the public, the drafter and the approver."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.accounts.rules import OrganisationKind
from portal.challenges.amendments.difference import Difference, Fate, Row, RowChange, TableChange
from portal.challenges.amendments.rules import AmendmentState
from portal.challenges.amendments.wording import Piece, compared
from portal.challenges.editor.forms import labels
from portal.challenges.ranking_rule import OnDisagreement, ScoreRule, TieBreak
from portal.challenges.rules import IssuerType, Operator, Target, shown
from portal.challenges.settings import PanelMethod, ReviewMethod
from portal.core.money import FundSource, wan
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE, DayUnit

TONES = {
    AmendmentState.DRAFT: "neutral",
    AmendmentState.PROPOSED: "waiting",
    AmendmentState.APPLIED: "done",
    AmendmentState.DROPPED: "neutral",
}
MARKS = {Fate.ADDED: "done", Fate.REMOVED: "late", Fate.CHANGED: "waiting", Fate.KEPT: "neutral"}
PRINT = N_("Fingerprint (SHA-256)")
FINGERPRINT = 12
"""Digits of a hash that are shown: enough to tell two files apart by eye."""
LONG, EDGE = 160, 60
"""A passage that stayed is cut in the middle when it is longer than this."""
TABLE_LABELS = {
    "indicators": N_("Indicators"),
    "funds": N_("Money by source"),
    "criteria": N_("How bids are scored"),
    "attachments": N_("Attachments"),
}
WORDED: dict[str, type[Worded]] = {
    "issuer_type": IssuerType,
    "review_method": ReviewMethod,
    "panel_method": PanelMethod,
    "score_rule": ScoreRule,
    "tie_first": TieBreak,
    "tie_second": TieBreak,
    "tie_third": TieBreak,
    "on_disagreement": OnDisagreement,
    "lead_kinds": OrganisationKind,
    "notice_unit": DayUnit,
}


@dataclass(frozen=True)
class Shown:
    """One thing that differs: its label, and its text piece by piece."""

    label: str
    pieces: tuple[Piece, ...]
    is_prose: bool = False


@dataclass(frozen=True)
class ShownPaper:
    """A file of an attachment that differs; `is_new` when it is there after the amendment."""

    name: str
    size: int
    media_type: str
    sha256: str
    url: str
    is_new: bool = True


@dataclass(frozen=True)
class ShownRow:
    """One row that differs: what it is called, its fate, its columns, and its files."""

    title: str
    fate: Fate
    tone: str
    columns: tuple[Shown, ...]
    papers: tuple[ShownPaper, ...] = ()


@dataclass(frozen=True)
class ShownTable:
    """A table with the rows that differ; only their order does when there are none."""

    label: str
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True)
class ShownDifference:
    """All that differs, in the order of the sheet."""

    fields: tuple[Shown, ...]
    tables: tuple[ShownTable, ...]


def in_words(change: Difference, papers: Iterable[ShownPaper] = ()) -> ShownDifference:
    """A difference in the reader's language; of the attachments the files that are known."""
    words = labels()
    order = list(words)
    known = sorted(change.fields, key=lambda one: _rank(order, one.name))
    fields = (
        _shown(one.name, words.get(one.name, one.name), one.before, one.after) for one in known
    )
    known_papers = {paper.sha256: paper for paper in papers}
    tables = (_table(table, known_papers) for table in change.tables)
    return ShownDifference(tuple(fields), tuple(tables))


def _rank(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _shown(name: str, label: str, before: Any, after: Any) -> Shown:
    old, new = _word(name, before), _word(name, after)
    is_prose = isinstance(before or after, str) and name not in WORDED and name != "closes_at"
    pieces = compared(old, new) if is_prose else _whole(old, new)
    return Shown(label, _cut(pieces), is_prose)


def _whole(old: str, new: str) -> tuple[Piece, ...]:
    both = (Piece(old, True, False), Piece(new, False, True))
    return (Piece(old),) if old == new else tuple(piece for piece in both if piece.text)


def _word(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(gettext(N_("yes")) if value else gettext(N_("no")))
    if isinstance(value, list):
        return str(gettext(N_(", "))).join(_word(name, one) for one in value)
    if name in WORDED:
        return str(gettext(WORDED[name](value).label))
    if name == "closes_at":
        return datetime.fromisoformat(value).astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return str(value)


def _cut(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Long passages that stayed are cut to their edges: the whole text is on the challenge's page."""
    last = len(pieces) - 1
    return tuple(_edges(p, i == 0, i == last) if p.is_old and p.is_new else p
                 for i, p in enumerate(pieces))  # fmt: skip


def _edges(piece: Piece, is_first: bool, is_last: bool) -> Piece:
    text = piece.text
    if len(text) <= LONG or (is_first and is_last):
        return piece
    head = "" if is_first else text[:EDGE]
    tail = "" if is_last else text[-EDGE:]
    return Piece(f"{head}……{tail}")


def _table(table: TableChange, papers: Mapping[str, ShownPaper]) -> ShownTable:
    rows = (_row(table.name, row, papers) for row in table.changes)
    return ShownTable(gettext(TABLE_LABELS[table.name]), tuple(rows))


def _papers(row: RowChange, papers: Mapping[str, ShownPaper]) -> Iterator[ShownPaper]:
    """The files of a row, the one that is taken off first."""
    before, after = row.before or {}, row.after or {}
    if before.get("sha256") == after.get("sha256"):
        return
    for side, is_new in ((before, False), (after, True)):
        paper = papers.get(side.get("sha256", ""))
        if paper is not None:
            yield replace(paper, is_new=is_new)


def _row(table: str, row: RowChange, papers: Mapping[str, ShownPaper]) -> ShownRow:
    parts = READ[table]
    before = dict(parts(row.before)) if row.before else {}
    after = dict(parts(row.after)) if row.after else {}
    title = _title(table, row.after or row.before or {})
    columns = tuple(
        Shown(gettext(label), _whole(before.get(label, ""), after.get(label, "")))
        for label in after or before
        if before.get(label, "") != after.get(label, "")
        and (row.fate is Fate.CHANGED or title not in (before.get(label), after.get(label)))
    )
    files = tuple(_papers(row, papers))
    if files:
        # A file is shown with its fingerprint, and need not be named twice.
        columns = tuple(one for one in columns if one.label != gettext(PRINT))
    return ShownRow(title, row.fate, MARKS[row.fate], columns, files)


def _title(table: str, row: Row) -> str:
    if table == "funds":
        return str(gettext(FundSource(row["source"]).label))
    return str(row.get("name") or row.get("title") or "")


def _indicator(row: Row) -> Iterator[tuple[str, str]]:
    value, high = row.get("value"), row.get("high")
    target = Target(
        Operator(row["operator"]),
        None if value is None else Decimal(value),
        None if high is None else Decimal(high),
    )
    yield N_("Indicator"), row["name"]
    yield N_("Asked"), shown(target, row.get("unit") or "") or gettext(N_("as described"))
    yield N_("How it is tested"), row.get("test_method") or ""
    yield N_("Where it stands today"), row.get("baseline") or ""
    must = row.get("mandatory", True)
    yield N_("Must or wish"), gettext(N_("a must")) if must else gettext(N_("a wish"))


def _criterion(row: Row) -> Iterator[tuple[str, str]]:
    yield N_("Criterion"), row["name"]
    yield N_("Weight"), str(row["weight"])
    yield N_("What is looked at"), row.get("guidance") or ""


def _fund(row: Row) -> Iterator[tuple[str, str]]:
    yield N_("Amount (10,000 yuan)"), f"{wan(Decimal(row['amount'])):,.2f}"


def _paper(row: Row) -> Iterator[tuple[str, str]]:
    yield N_("Title"), row["title"]
    yield PRINT, row["sha256"][:FINGERPRINT]


READ = {"indicators": _indicator, "criteria": _criterion, "funds": _fund, "attachments": _paper}
"""What is shown of a row, column by column."""
