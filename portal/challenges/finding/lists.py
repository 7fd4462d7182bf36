"""The public list: a page of it, and what is counted beside its filters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, cast, false, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from portal.challenges.finding import rules
from portal.challenges.finding.models import Posting, PostingCount
from portal.challenges.finding.rules import Cell, Filters, Sort
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState, Phase
from portal.clusters.models import Cluster

PAGE = 20
MOST_COUNTED = 500
"""What words and ranges leave is counted up to here."""
Place = tuple[datetime | Decimal, UUID]
SORTED_BY = {
    Sort.NEWEST: Posting.published_at,
    Sort.DEADLINE: Posting.closes_at,
    Sort.BUDGET: Posting.money,
}
BY_INDEX = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true),"
    " set_config('enable_seqscan', 'off', true)"
)
"""A plan for a rare word is a bad one for a common word, so none is kept; and a list that is short
today is asked in the way that is right when it is long."""


BY_WORDS = text("SELECT set_config('enable_indexscan', :walk, true)")
"""Off, the words' own index is used, and never a walk along another that reads each row's words."""


def public_list(
    session: Session,
    filters: Filters,
    now: datetime,
    place: Place | None = None,
    known: "Counts | None" = None,
) -> Sequence[Row[Any]]:
    """A page of published challenges from behind a place; one row more than a page.

    `known` is what was counted for the same filters: nothing is looked for where nothing is, and
    words that were too many to count are met soon.
    """
    if known is not None and known.total == 0:
        return []
    if filters.narrows:
        session.execute(BY_INDEX)
    is_rare = not filters.is_counted and known is not None and known.total is not None
    if filters.words and known is None:
        is_rare = _is_short(session, filters, now)
    return session.execute(page_query(filters, now, place, is_rare)).all()


def page_query(
    filters: Filters, now: datetime, place: Place | None = None, is_rare: bool = False
) -> Any:
    """What the list asks of the database for a page; what is rare by its words or in its ranges is
    collected by these and then sorted, anything else is met soon enough along the order."""
    columns = Posting.challenge_id, Posting.cluster, *SORTED_BY.values()
    query: Any = select(*columns).where(*_wanted(filters, now))
    query = query.order_by(*_order(Posting, filters, is_rare)).limit(PAGE + 1)
    return _shown(_behind(query, filters, place), filters)


def _shown(query: Any, filters: Filters) -> Any:
    page = query.subquery("page")
    return (
        select(
            Challenge.id,
            Challenge.code,
            Challenge.title,
            Challenge.title_en,
            Challenge.state,
            Challenge.scenario_site,
            Challenge.published_at,
            Challenge.closes_at,
            Cluster.name.label("cluster"),
            Cluster.name_en.label("cluster_en"),
            page.c.money,
        )
        .select_from(page)
        .join(Challenge, Challenge.id == page.c.challenge_id)
        .join(Cluster, Cluster.slug == page.c.cluster)
        .order_by(*_order(page.c, filters))
    )


def _order(columns: Any, filters: Filters, is_rare: bool = False) -> list[Any]:
    """The order; `is_rare` says it in a way that no index knows, so that none is walked along."""
    first = getattr(columns, SORTED_BY[filters.sort].key)
    order = func.greatest(first, first) if is_rare else first, columns.challenge_id
    return list(order) if filters.is_ahead else [column.desc() for column in order]


def _behind(query: Any, filters: Filters, place: Place | None) -> Any:
    if place is None:
        return query
    row = tuple_(SORTED_BY[filters.sort], Posting.challenge_id)
    return query.where(row > place if filters.is_ahead else row < place)


def _wanted(filters: Filters, now: datetime) -> Iterable[ColumnElement[bool]]:
    for name in ("cluster", "district", "field"):
        if value := getattr(filters, name):
            yield getattr(Posting, name) == value
    yield from _in_stage(filters, now)
    yield from _in_ranges(filters)


def _in_stage(filters: Filters, now: datetime) -> Iterable[ColumnElement[bool]]:
    if filters.stage is not None:
        states = [state.value for state in rules.states_of(filters.stage)]
        yield Posting.state.in_(states) if len(states) != 1 else Posting.state == states[0]
    if filters.stage is Phase.OPEN or filters.is_ahead:
        yield Posting.closes_at > now
    if filters.stage is Phase.CLOSED:
        yield Posting.closes_at <= now


def _in_ranges(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.budget_from is not None:
        yield Posting.money >= filters.budget_from
    if filters.budget_to is not None:
        yield Posting.money <= filters.budget_to
    if filters.closes_from is not None:
        yield Posting.closes_at >= filters.closes_from
    if filters.closes_to is not None:
        yield Posting.closes_at <= filters.closes_to
    if filters.words:
        terms = rules.search(filters.words)
        yield Posting.words.bool_op("@@")(cast(terms, TSQUERY)) if terms else false()


@dataclass(frozen=True)
class Open:
    """What may be bid on now: how many challenges, their public money in yuan, the next deadline."""

    number: int
    money: Decimal
    closes_next: datetime | None


def open_now(session: Session, now: datetime) -> Open:
    """The sums of the challenges that take bids."""
    sums = func.count(), func.coalesce(func.sum(Posting.money), 0), func.min(Posting.closes_at)
    row = session.execute(select(*sums).where(*_in_stage(Filters(stage=Phase.OPEN), now))).one()
    return Open(row[0], row[1], row[2])


@dataclass(frozen=True)
class Counts:
    """How many there are beside each filter."""

    by_value: dict[str, Counter[str]]
    """By filter and value; empty when there are too many to count."""
    total: int | None
    clusters: dict[str, tuple[str, str]]
    """The names of each cluster in both languages, by its address."""
    districts: list[str]
    fields: list[str]


def counted(session: Session, filters: Filters, now: datetime) -> Counts:
    """What to show beside the filters: exact, or nothing where more than MOST_COUNTED fit."""
    if filters.narrows:
        session.execute(BY_INDEX)
    kept = _kept_cells(session, now)
    base = replace(filters, cluster="", district="", field="", stage=None, sort=Sort.NEWEST)
    whole: list[Cell] | None = kept if base.is_counted else _found_cells(session, base, now)
    cells = whole
    if filters.is_ahead:
        cells = _found_cells(session, replace(base, sort=Sort.DEADLINE), now)
    by_value = {} if cells is None else rules.counts(cells, filters)
    if whole is not None:  # whoever chooses a stage sees what is over as well
        by_value |= {"stage": rules.counts(whole, filters)["stage"]}
    return Counts(
        by_value,
        None if cells is None else rules.total(cells, filters),
        _clusters(session, {cell.cluster for cell in kept}),
        sorted({cell.district for cell in kept}),
        sorted({cell.field for cell in kept}),
    )


def _clusters(session: Session, slugs: set[str]) -> dict[str, tuple[str, str]]:
    query = select(Cluster.slug, Cluster.name, Cluster.name_en).where(Cluster.slug.in_(slugs))
    rows = session.execute(query.order_by(Cluster.position))
    return {row.slug: (row.name, row.name_en) for row in rows}


def _kept_cells(session: Session, now: datetime) -> list[Cell]:
    """What the counters say; those whose deadline is over are counted, as nobody moves them."""
    alike = PostingCount.cluster, PostingCount.district, PostingCount.field, PostingCount.state
    number = func.sum(PostingCount.number)
    kept = session.execute(select(*alike, number).group_by(*alike).having(number > 0))
    cells = [
        Cell(cluster, district, field, rules.stage_of(ChallengeState(state)), int(number))
        for cluster, district, field, state, number in kept
    ]
    same = Posting.cluster, Posting.district, Posting.field
    closed = select(*same, func.count().label("number")).where(
        Posting.state == ChallengeState.PUBLISHED.value, Posting.closes_at <= now
    )
    for row in session.execute(closed.group_by(*same)):
        place = row.cluster, row.district, row.field
        cells += [Cell(*place, Phase.CLOSED, row.number), Cell(*place, Phase.OPEN, -row.number)]
    return cells


def _narrowed(filters: Filters, now: datetime) -> Any:
    """What fits, up to one more than is counted."""
    same = Posting.cluster, Posting.district, Posting.field, Posting.state
    is_over = (Posting.closes_at <= now).label("is_over")
    query: Any = select(*same, is_over).where(*_wanted(filters, now)).limit(MOST_COUNTED + 1)
    return query.subquery("narrowed")


def _read(session: Session, query: Any, filters: Filters) -> Sequence[Row[Any]]:
    """Words are looked up in their own index, and never by walking along an order."""
    if not filters.words:
        return session.execute(query).all()
    session.execute(BY_WORDS, {"walk": "off"})
    rows = session.execute(query).all()
    session.execute(BY_WORDS, {"walk": "on"})
    return rows


def _is_short(session: Session, filters: Filters, now: datetime) -> bool:
    """Whether so few fit that they can be counted quickly."""
    found = select(func.count()).select_from(_narrowed(filters, now))
    return int(_read(session, found, filters)[0][0]) <= MOST_COUNTED


def _found_cells(session: Session, base: Filters, now: datetime) -> list[Cell] | None:
    """What words and ranges leave, counted; None when it is more than can be counted quickly."""
    found = _narrowed(base, now)
    number = func.count().label("number")
    rows = _read(session, select(*found.c, number).group_by(*found.c), base)
    if sum(row.number for row in rows) > MOST_COUNTED:
        return None
    return [
        Cell(row.cluster, row.district, row.field, _stage(row.state, row.is_over), row.number)
        for row in rows
    ]


def _stage(state: str, is_over: bool) -> Phase:
    known = ChallengeState(state)
    is_closed = is_over and known is ChallengeState.PUBLISHED
    return Phase.CLOSED if is_closed else rules.stage_of(known)
