"""The lists behind a board's figures: what each shows, how it is narrowed, and its sum at the foot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from portal.core.money import FundSource
from portal.core.words import N_, Worded
from portal.projects.boards import tables
from portal.projects.boards.rules import Due, Kind, Listed, Part, Reading, Role
from portal.projects.rules import ProjectState

PAGE = 50
LONGEST = 120
"""Characters of a word by which a list is narrowed, at most."""


@dataclass(frozen=True)
class Column:
    """One column: its name in the table, its head, and how its values are shown."""

    name: str
    label: str
    look: str = "text"
    words: type[Worded] | None = None


@dataclass(frozen=True)
class Listing:
    """A list; `narrowed` are the columns by which it may be, `total` the one that its foot sums up.

    Without a `total` the foot counts the rows; `distinct` counts different values of a column.
    """

    columns: tuple[Column, ...]
    narrowed: Mapping[str, type[Worded] | None]
    total: str = ""
    distinct: str = ""


_PROJECT = Column("title", N_("Project"), "project")
_CHALLENGE = Column("challenge_title", N_("Challenge"))
_MONEY = Listing(
    (
        _PROJECT,
        _CHALLENGE,
        Column("source", N_("Fund source"), "source", FundSource),
        Column("day", N_("Day"), "day"),
        Column("document", N_("Voucher or document")),
        Column("amount", N_("Amount (10,000 yuan)"), "money"),
    ),
    {"source": FundSource, "quarter": None, "challenge": None, "project": None},
    total="amount",
)
LISTINGS: dict[Part, Listing] = {
    Part.CONTRACTED: _MONEY,
    Part.PAID: _MONEY,
    Part.PROJECTS: Listing(
        (
            _PROJECT,
            _CHALLENGE,
            Column("organisation", N_("Lead")),
            Column("state", N_("State"), "words", ProjectState),
            Column("stage", N_("Stage of the chain")),
            Column("day", N_("Ends on"), "day"),
            Column("amount", N_("Contracted (10,000 yuan)"), "money"),
        ),
        {"state": ProjectState, "stage": None},
    ),
    Part.MILESTONES: Listing(
        (
            _PROJECT,
            Column("milestone", N_("Milestone")),
            Column("day", N_("Wanted by"), "day"),
            Column("due", N_("State"), "words", Due),
        ),
        {"due": Due, "project": None},
    ),
    Part.INDICATORS: Listing(
        (
            _PROJECT,
            Column("indicator", N_("Indicator")),
            Column("promised_value", N_("Promised"), "number"),
            Column("measured_value", N_("Measured"), "number"),
            Column("unit", N_("Unit")),
            Column("reading", N_("State"), "words", Reading),
        ),
        {"reading": Reading, "project": None},
    ),
    Part.ORGANISATIONS: Listing(
        (
            Column("organisation", N_("Organisation")),
            Column("role", N_("Part in the project"), "words", Role),
            _PROJECT,
            Column("stage", N_("Stage of the chain")),
        ),
        {"stage": None, "role": Role},
        distinct="organisation_id",
    ),
    Part.PUBLISHED: Listing(
        (
            Column("listed", N_("Kind"), "words", Listed),
            Column("name", N_("Name")),
            Column("note", N_("Note")),
        ),
        {"listed": Listed},
    ),
}


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and what all of it comes to: rows, and yuan or different things."""

    rows: Sequence[Mapping[str, Any]]
    more: bool
    count: int
    total: Decimal | None = None
    distinct: int | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)


def chosen(part: Part, asked: Mapping[str, str]) -> dict[str, str]:
    """By what a list is narrowed; what it does not know is left out."""
    found = {}
    for name, words in LISTINGS[part].narrowed.items():
        value = asked.get(name)
        if value is not None and (words is None or value in {member.value for member in words}):
            found[name] = value[:LONGEST]
    return found


def page(
    session: Session,
    cluster_id: UUID,
    part: Part,
    narrow: Mapping[str, str],
    now: datetime,
    after: str = "",
    limit: int = PAGE,
) -> Page:
    """A page of a list, from behind a key, with the sum of all of it."""
    table, listing = _table(part, now), LISTINGS[part]
    whole = _narrowed(select(table), table, cluster_id, narrow)
    rows = whole.where(table.c.key > after).order_by(table.c.key).limit(limit + 1)
    found = session.execute(rows).mappings().all()
    sums: list[Any] = [func.count()]
    if listing.total:
        sums.append(func.coalesce(func.sum(table.c[listing.total]), 0))
    elif listing.distinct:
        sums.append(func.count(table.c[listing.distinct].distinct()))
    foot = session.execute(_narrowed(select(*sums), table, cluster_id, narrow)).one()
    return Page(
        [dict(row) for row in found[:limit]],
        len(found) > limit,
        foot[0],
        Decimal(foot[1]) if listing.total else None,
        foot[1] if listing.distinct else None,
        narrow,
    )


def every(
    session: Session, cluster_id: UUID, part: Part, narrow: Mapping[str, str], now: datetime
) -> Sequence[Mapping[str, Any]]:
    """All of a list, for a file."""
    table = _table(part, now)
    query = _narrowed(select(table), table, cluster_id, narrow).order_by(table.c.key)
    return [dict(row) for row in session.execute(query).mappings()]


def _narrowed(
    query: Select[Any], table: Subquery, cluster_id: UUID, narrow: Mapping[str, str]
) -> Select[Any]:
    query = query.where(table.c.cluster_id == cluster_id)
    for name, value in narrow.items():
        query = query.where(table.c[name] == value)
    return query


def _table(part: Part, now: datetime) -> Subquery:
    if part in (Part.CONTRACTED, Part.PAID):
        return tables.money(Kind(part.value))
    if part is Part.MILESTONES:
        return tables.milestones(now)
    plain = {
        Part.PROJECTS: tables.projects,
        Part.INDICATORS: tables.indicators,
        Part.ORGANISATIONS: tables.places,
        Part.PUBLISHED: tables.published,
    }
    return plain[part]()
