"""What the pages of the sections show, in the reader's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from portal.bids.models import Bid
from portal.bids.sections import compare
from portal.bids.sections.compare import Difference
from portal.bids.sections.forms import label_of
from portal.bids.sections.rules import PARTS, Section, home_of
from portal.bids.terms import (
    AttachmentKind,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    MemberRole,
    sums_by,
)
from portal.core.errors import Invalid
from portal.core.money import FundSource, wan
from portal.core.web import translated
from portal.core.workdays import PLACE


@dataclass(frozen=True)
class Missing:
    """Something that is missing, with the place where it is to be solved."""

    url: str
    where: str
    what: str


def links(bid_id: UUID, problems: Iterable[Invalid]) -> list[Missing]:
    """Each problem with a link to its field."""
    return [_link(bid_id, problem) for problem in problems]


def _link(bid_id: UUID, problem: Invalid) -> Missing:
    section, what = home_of(problem), translated(problem.message)
    if section is None:
        return Missing(url_for("teams.team", bid_id=bid_id), gettext("Team"), what)
    anchor = problem.field.replace(".", "-")
    url = url_for("sections.write", bid_id=bid_id, name=section.value, _anchor=anchor)
    parts = problem.field.split(".")
    words = [gettext(section.label)]
    if len(parts) == 3:
        words.append(gettext("row %(row)s", row=int(parts[1]) + 1))
    label = label_of(problem.field)
    if label != words[0]:
        words.append(label)
    return Missing(url, " · ".join(words), what)


def following(section: Section) -> Section | None:
    """The section after this one."""
    order = list(Section)
    place = order.index(section) + 1
    return order[place] if place < len(order) else None


def clock_time(moment: datetime | None) -> str:
    """When something was saved, as a quiet word."""
    return moment.astimezone(PLACE).strftime("%H:%M") if moment else ""


@dataclass(frozen=True)
class Told:
    """A difference in words; `marks` show two texts as one, None for rows of a table."""

    path: str
    label: str
    one: str
    other: str
    marks: list[tuple[str, str]] | None


def told(found: Sequence[Difference], bid: Bid) -> list[Told]:
    """Differences in the reader's words."""
    names = {str(row.id): row.name for row in bid.challenge.indicators}
    return [_told(one, names) for one in found]


def _told(found: Difference, names: dict[str, str]) -> Told:
    one, other = (_words(value, names) for value in (found.one, found.other))
    is_text = not found.name
    label = label_of(found.part) if found.part != "attachments" else gettext("Attachments")
    if not is_text:
        label = f"{label} · {_row_name(found, names)}"
    return Told(found.path, label, one, other, compare.marked(one, other) if is_text else None)


def _row_name(found: Difference, names: dict[str, str]) -> str:
    row = found.one or found.other
    if found.part == "promises":
        return names.get(found.name, found.name)
    if found.part == "budget":
        kinds = BudgetCategory(row["category"]), FundSource(row["source"])
        return " · ".join(
            [gettext("year %(n)s", n=row["year"]), *(gettext(k.label) for k in kinds)]
        )
    if found.part == "attachments":
        return str(row["title"])
    return found.name if found.part == "members" else gettext("row %(row)s", row=found.name)


WORDED = {
    "role": MemberRole,
    "category": BudgetCategory,
    "source": FundSource,
    "likelihood": Level,
    "effect": Level,
    "kind": AttachmentKind,
}
UNTOLD = frozenset({"indicator_id", "file_id", "sha256", "size", "media_type", "indicators"})


def _words(value: Any, names: dict[str, str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, dict):
        return str(value)
    shown = [_cell(key, cell) for key, cell in value.items() if key not in UNTOLD and cell]
    shown += [names[key] for key in value.get("indicators", []) if key in names]
    return " · ".join(shown)


def _cell(key: str, value: Any) -> str:
    if key in WORDED:
        return str(gettext(WORDED[key](value).label))
    if key == "amount":
        return str(gettext("%(amount)s (10,000 yuan)", amount=f"{wan(Decimal(value)):,.2f}"))
    if key == "share":
        return f"{value} %"
    return str(value)


def between(older: BidTerms, newer: BidTerms, bid: Bid) -> list[tuple[Section, list[Told]]]:
    """What one version says differently from the one before it, by section."""
    one, other = older.to_json(), newer.to_json()
    found = []
    for section, parts in PARTS.items():
        left, right = ({name: whole[name] for name in parts} for whole in (one, other))
        differs = told(compare.differences(left, right), bid)
        if differs:
            found.append((section, differs))
    return found


@dataclass(frozen=True)
class Sum:
    """One line of the totals of a budget; `limit` is a ceiling or a least sum."""

    value: str
    label: str
    amount: Decimal
    most: Decimal | None = None
    least: Decimal | None = None


def totals(items: Sequence[BudgetItem], asked: Any) -> dict[str, list[Sum]]:
    """The sums by source, with their limits, by year and by kind of cost."""
    sources = sums_by(items, lambda item: item.source)
    years = sums_by(items, lambda item: item.year)
    kinds = sums_by(items, lambda item: item.category)
    zero = Decimal(0)
    by_source = [
        Sum(
            source.value,
            gettext(source.label),
            sources.get(source, zero),
            most=asked.limit(source) if source in (FundSource.CITY, FundSource.DISTRICT) else None,
            least=asked.limit(source) or None
            if source in (FundSource.ENTERPRISE, FundSource.SOCIAL)
            else None,
        )
        for source in FundSource
    ]
    by_year = [
        Sum(str(year), gettext("year %(n)s", n=year), years.get(year, zero))
        for year in range(1, asked.years + 1)
    ]
    by_kind = [
        Sum(kind.value, gettext(kind.label), kinds.get(kind, zero)) for kind in BudgetCategory
    ]
    return {"source": by_source, "year": by_year, "category": by_kind}


def budget_table(items: Sequence[BudgetItem]) -> list[dict[str, Any]]:
    """The budget as it is read: a row for each kind of cost in each year, a column a source."""
    cells = sums_by(items, lambda item: item.place)
    rows = []
    for year in sorted({item.year for item in items}):
        for kind in BudgetCategory:
            amounts = [cells.get((year, kind, source), Decimal(0)) for source in FundSource]
            if any(amounts):
                rows.append({"year": year, "kind": kind, "amounts": amounts, "sum": sum(amounts)})
    return rows
