"""Projects of the registry, and those that sources report, by their words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, String, cast, func, null, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from portal.challenges.finding.rules import search
from portal.clusters.models import PastProject
from portal.projects.registry.models import RegistryEntry


def projects(session: Session, words: str, limit: int) -> Sequence[Row[Any]]:
    """Those that have all the words: number or slug, title, lead, site; the accepted ones first."""
    terms = search(words)
    if not terms:
        return []
    kept = RegistryEntry.snapshot
    told = kept["title"].astext, kept["lead"].astext, kept["site"].astext
    accepted = select(
        RegistryEntry.number.label("number"),
        cast(null(), String).label("slug"),
        told[0].label("title"),
        told[1].label("lead"),
        told[2].label("site"),
    ).where(_have(terms, *told))
    past = PastProject.title, PastProject.lead, PastProject.site
    reported = select(cast(null(), Integer), PastProject.slug, *past).where(_have(terms, *past))
    rows = union_all(accepted, reported).subquery("found")
    order = rows.c.number.desc().nulls_last(), rows.c.slug
    return session.execute(select(rows).order_by(*order).limit(limit)).all()


def _have(terms: str, *texts: Any) -> ColumnElement[bool]:
    words: ColumnElement[Any] = func.finding_words(func.concat_ws(" ", *texts))
    return words.bool_op("@@")(cast(terms, TSQUERY))
