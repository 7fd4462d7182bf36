"""The registry as one list: accepted projects and those that sources report, narrowed by words, cluster,
district, link of the chain and year, with what is counted beside each filter."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    cast,
    extract,
    false,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.types import DateTime, Integer, String

from portal.challenges.finding.rules import search
from portal.clusters.models import Cluster, PastProject, Source
from portal.projects.registry.models import RegistryEntry

PAGE = 20
LONGEST = 60
CHOSEN = ("cluster", "district", "link", "year")
NAMES = ("words", *CHOSEN)
Place = tuple[datetime, str]
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Asked:
    """How the registry is narrowed; empty means all."""

    words: str = ""
    cluster: str = ""
    district: str = ""
    link: str = ""
    year: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> dict[str, str]:
        """What was asked for, as it stands in an address."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}


def read(arguments: Mapping[str, str]) -> Asked:
    """What an address asks for."""
    words, cluster, district, link, year = (
        arguments.get(name, "").strip()[:LONGEST] for name in NAMES
    )
    return Asked(words, cluster, district, link, year)


def place_in(text: str) -> Place | None:
    """A place in the list, out of an address; nonsense counts as none."""
    moment, _, key = text.partition("|")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at, key[:LONGEST]) if at.tzinfo and key else None


def _entries() -> Select[Any]:
    kept = RegistryEntry.snapshot
    return select(
        RegistryEntry.entered_at.label("at"),
        cast(RegistryEntry.id, String).label("key"),
        RegistryEntry.number.label("number"),
        cast(null(), String).label("slug"),
        kept["title"].astext.label("title"),
        kept["lead"].astext.label("lead"),
        kept["site"].astext.label("site"),
        kept["indicators"].label("indicators"),
        RegistryEntry.cluster,
        RegistryEntry.district,
        RegistryEntry.link,
        cast(RegistryEntry.year, String).label("year"),
        cast(null(), String).label("source"),
        RegistryEntry.words,
    )


def _past() -> Select[Any]:
    told = (PastProject.title, PastProject.lead, PastProject.site, PastProject.scenario)
    words = func.concat_ws(
        " ", *told, PastProject.problem, PastProject.result, PastProject.partners
    )
    return (
        select(
            cast(func.timezone(ZONE, cast(Source.published_on, DateTime)), DateTime(True)),
            PastProject.slug.label("key"),
            cast(null(), Integer),
            PastProject.slug,
            PastProject.title,
            PastProject.lead,
            PastProject.site,
            cast(null(), RegistryEntry.snapshot.type),
            Cluster.slug,
            Cluster.district,
            literal(""),
            cast(extract("year", Source.published_on), String),
            Source.title,
            func.finding_words(words),
        )
        .join(Cluster, Cluster.id == PastProject.cluster_id)
        .join(Source, Source.id == PastProject.source_id)
    )


def _rows() -> Subquery:
    return union_all(_entries(), _past()).subquery("registry_rows")


def _wanted(rows: Subquery, asked: Asked, *without: str) -> Iterator[ColumnElement[bool]]:
    for name in CHOSEN:
        value = getattr(asked, name)
        if value and name not in without:
            yield rows.c[name] == value
    if asked.words:
        terms = search(asked.words)
        yield rows.c.words.bool_op("@@")(cast(terms, TSQUERY)) if terms else false()


def page(session: Session, asked: Asked, before: Place | None) -> Sequence[Row[Any]]:
    """A page of projects, the latest first, and one more."""
    rows = _rows()
    query = select(rows).where(*_wanted(rows, asked))
    if before is not None:
        query = query.where(tuple_(rows.c.at, rows.c.key) < before)
    query = query.order_by(rows.c.at.desc(), rows.c.key.desc()).limit(PAGE + 1)
    return session.execute(query).all()


def counts(session: Session, asked: Asked) -> tuple[int, dict[str, Counter[str]]]:
    """How many fit, and for each filter how many its every value would show, the others being as
    they are."""
    rows = _rows()
    words = Asked(words=asked.words)
    alike = [rows.c[name] for name in CHOSEN]
    query = select(*alike, func.count().label("number")).where(*_wanted(rows, words))
    cells = session.execute(query.group_by(*alike)).all()
    found: dict[str, Counter[str]] = {name: Counter() for name in CHOSEN}
    total = 0
    for cell in cells:
        wrong = [name for name in CHOSEN if getattr(asked, name) not in ("", getattr(cell, name))]
        total += 0 if wrong else cell.number
        for name in CHOSEN if not wrong else wrong if len(wrong) == 1 else ():
            found[name][getattr(cell, name)] += cell.number
    return total, found


def cluster_names(session: Session, slugs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The names of clusters in both languages, by address."""
    query = select(Cluster.slug, Cluster.name, Cluster.name_en).where(Cluster.slug.in_(slugs))
    return {row.slug: (row.name, row.name_en) for row in session.execute(query)}
