"""The tables of boards as CSV; amounts in yuan, and words in the reader's language."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from portal.clusters.models import Cluster
from portal.core.money import FundSource
from portal.projects.boards.lists import Column, Listing
from portal.projects.boards.queries import Figures
from portal.projects.boards.rules import Due, Kind, Reading

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a table program might take for a formula."""
MONEY_HEADS = {"amount": "Amount (yuan)"}


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A file with the mark by which table programs know UTF-8."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(heads)
    table.writerows([_safe(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def list_csv(listing: Listing, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A list behind a figure, with the codes of its projects."""
    heads = [gettext(MONEY_HEADS.get(one.name, one.label)) for one in listing.columns]
    coded = any(one.look == "project" for one in listing.columns)
    return as_csv(
        [*([gettext("Code")] if coded else []), *heads],
        ([*([row["project"]] if coded else []), *_values(listing.columns, row)] for row in rows),
    )


def _values(columns: Sequence[Column], row: Mapping[str, Any]) -> list[object]:
    return [
        gettext(one.words(row[one.name]).label) if one.words else row[one.name] for one in columns
    ]


def comparison_csv(rows: Iterable[tuple[Cluster, Figures]]) -> bytes:
    """Clusters side by side: money by kind and source, leverage, and what was counted."""
    money = [(kind, source) for kind in Kind for source in FundSource]
    heads = [gettext("Cluster"), gettext("District"), gettext("Number of projects")]
    heads += [f"{gettext(kind.label)} · {gettext(source.label)}" for kind, source in money]
    heads += [f"{gettext('Leverage')} · {gettext(kind.label)}" for kind in Kind]
    heads += [gettext("Late milestones"), gettext("Indicators met"), gettext("Organisations")]
    return as_csv(heads, (_compared(cluster, figures, money) for cluster, figures in rows))


def _compared(
    cluster: Cluster, figures: Figures, money: Sequence[tuple[Kind, FundSource]]
) -> list[object]:
    return [
        cluster.name,
        cluster.district,
        sum(figures.projects.values()),
        *(figures.of(kind, source) for kind, source in money),
        *(figures.leverage(kind).times for kind in Kind),
        figures.milestones.get(Due.LATE, 0),
        figures.indicators.get(Reading.MET, 0),
        figures.organisations,
    ]
