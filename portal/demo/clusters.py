"""The demonstration's clusters: the facts of a published report, and one cluster of our own."""

from collections.abc import Iterator
from typing import Any

from portal.clusters import facts, queries
from portal.clusters.facts import ClusterFacts, SourceFacts, TermFacts
from portal.clusters.rules import TermKind
from portal.clusters.service import record_cluster
from portal.core import clock
from portal.core.access import Actor
from portal.core.db import db

ROWS = {
    "issuers": facts.IssuerFacts,
    "sites": facts.SiteFacts,
    "agreements": facts.AgreementFacts,
    "funds": facts.FundFacts,
    "platforms": facts.PlatformFacts,
    "results": facts.ResultFacts,
    "past_projects": facts.PastProjectFacts,
}


def load_clusters(loader: Actor, file: dict[str, Any]) -> Iterator[str]:
    """Enter the clusters that are not there; yields each one's name."""
    source = SourceFacts(**file["source"])
    for row in file["clusters"]:
        if queries.by_slug(db.session, row["slug"]) is None:
            record_cluster(loader, _cluster(row, source), clock.now(db.session))
        yield row["name"]


def _cluster(row: dict[str, Any], source: SourceFacts) -> ClusterFacts:
    tables: dict[str, Any] = {
        name: tuple(kind(**entry) for entry in row.get(name, ())) for name, kind in ROWS.items()
    }
    return ClusterFacts(
        **{name: row[name] for name in ("slug", "name", "name_en", "district")},
        years_min=row["years"][0],
        years_max=row["years"][1],
        source=None if row.get("demonstration") else source,
        terms=tuple(_terms(row.get("terms", {}))),
        **tables,
    )


def _terms(lists: dict[str, Any]) -> Iterator[TermFacts]:
    for kind, words in lists.items():
        pairs = words.items() if isinstance(words, dict) else (("", word) for word in words)
        for note, word in pairs:
            yield TermFacts(TermKind(kind), word, note)
