"""The pool as a file, in the format in which it is imported."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session, selectinload

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.exchange.columns import Language
from portal.challenges.exchange.workbook_out import write_one
from portal.core.access import Actor
from portal.core.db import transaction
from portal.reviews.pool import finding, policy
from portal.reviews.pool.exchange.columns import EXPERTS, HELP
from portal.reviews.pool.finding import Filters
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.particulars import Post

MOST = 20_000
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a table program might take for a formula."""
Values = dict[str, object]


def export(actor: Actor, asked: Filters, kind: str, language: Language, now: datetime) -> bytes:
    """Whoever fits, as xlsx or csv; logged, as it takes people's data out. Raises NotAllowed."""
    with transaction() as session:
        policy.may_read_pool(actor).enforce()
        rows = [values_of(one) for one in _everybody(session, asked)]
        facts = {"experts": len(rows), "filters": asked.asked, "format": kind}
        audit.record(session, actor, Action.POOL_EXPORTED, "pool", now, **facts)
    return written(rows, kind, language)


def written(rows: Sequence[Values], kind: str, language: Language) -> bytes:
    """The rows as a file; none for the template."""
    if kind == "xlsx":
        return write_one(EXPERTS, rows, language, HELP[language])
    return as_csv(rows, language)


def _everybody(session: Session, asked: Filters) -> Iterable[Reviewer]:
    return finding.everybody(session, asked, MOST, selectinload(Reviewer.employments))


def values_of(one: Reviewer) -> Values:
    """What the sheet has of an expert."""
    home = one.organisation
    return {
        "name": one.person.name,
        "email": one.person.email,
        "organisation": home.name,
        "uscc": home.uscc or "",
        "stratum": one.stratum,
        "title": one.title,
        "disciplines": one.disciplines,
        "keywords": one.keywords,
        "about": one.about,
        "max_load": one.max_load,
        "posts": [
            Post(post.organisation_name, post.position, post.since, post.until)
            for post in one.employments
        ],
    }


def as_csv(rows: Iterable[Values], language: Language) -> bytes:
    """Comma-separated text that table programs open, with a mark that says it is UTF-8."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(column.head(language) for column in EXPERTS.columns)
    table.writerows(_cells(row, language) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(row: Values, language: Language) -> Iterator[str]:
    for column in EXPERTS.columns:
        value = row.get(column.key)
        text = "" if value is None else str(column.kind.cell(value, language))
        yield f"'{text}" if text.startswith(RISKY) else text
