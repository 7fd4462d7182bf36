"""What the page of one cluster's board shows."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.clusters.models import Cluster
from portal.clusters.rules import TermKind
from portal.core.access import OFFICERS, Actor
from portal.core.money import FundSource
from portal.projects.boards import flows, policy, queries
from portal.projects.boards.columns import columns
from portal.projects.boards.gantt import Stretch, gantt
from portal.projects.boards.queries import Figures, Stage
from portal.projects.boards.rules import (
    Due,
    Factor,
    Kind,
    Leverage,
    Listed,
    Part,
    Reading,
    due,
    leverage,
    published_amounts,
)
from portal.projects.models import Project

Facts = dict[str, Any]
NAMES = 6
"""Organisations that are named at a stage; the rest is in the list."""


def page_of(session: Session, cluster: Cluster, now: datetime) -> Facts:
    """All that a board shows, in a fixed number of queries."""
    figures = queries.figures(session, [cluster.id], now)[cluster.id]
    money, names = queries.flows(session, cluster.id, Kind.CONTRACTED)
    projects = queries.courses(session, cluster.id)
    return {
        "cluster": cluster,
        "figures": figures,
        "sources": list(FundSource),
        "kinds": list(Kind),
        "published_leverage": _published(cluster),
        "columns": columns(figures.sums),
        "picture": flows.picture(money),
        "flows": sorted(flows.folded(money), key=lambda f: (f.challenge, f.project, f.source)),
        "names": {**names, **{source.value: gettext(source.label) for source in FundSource}},
        "chain": _chain(cluster, queries.stages(session, cluster.id)),
        "factors": _factors(cluster, figures, queries.people(session, cluster.id)),
        "gantt": gantt([_stretch(one, now) for one in projects], now) if projects else None,
        "courses": projects,
        "due_of": lambda one: due(one.state, one.wanted_by, one.project.state, now),
        "published": _named(cluster),
        "Due": Due,
        "Reading": Reading,
    }


def opens(actor: Actor) -> Any:
    """Whether a reader may open the project of a row."""
    issuers = actor.organisations_as(*OFFICERS)
    return lambda row: policy.sees_all(actor) or row["issuer_id"] in issuers


def _published(cluster: Cluster) -> Leverage | None:
    """The leverage of the published sums; None if nothing is published of its money."""
    names = [term.text for term in cluster.terms if term.kind is TermKind.FUND_SOURCE]
    sums = [(fund.source_words, fund.amount) for fund in cluster.funds if fund.currency == "CNY"]
    return leverage(published_amounts(names, sums)) if names and sums else None


def _stretch(project: Project, now: datetime) -> Stretch:
    marks = []
    for one in project.milestones:
        standing = due(one.state, one.wanted_by, project.state, now)
        title = f"{one.title} · {gettext(standing.label)}"
        marks.append((one.wanted_by, standing, title))
    return Stretch(project.title, project.started_at, project.ends_at, marks)


def _chain(cluster: Cluster, known: dict[str, Stage]) -> list[tuple[str, Stage]]:
    """The stages in the order of the published chain, then what stands at none of them."""
    chain = [term.text for term in cluster.terms if term.kind is TermKind.CHAIN]
    others = sorted((stage for stage in known if stage and stage not in chain), key=str)
    rest = [""] if "" in known else []
    return [(stage, known.get(stage, Stage())) for stage in [*chain, *others, *rest]]


def _factors(cluster: Cluster, figures: Figures, people: int) -> list[Facts]:
    """Each factor that the cluster names, with what the portal can count of it."""
    met, asked = figures.indicators.get(Reading.MET, 0), sum(figures.indicators.values())
    listed = figures.listed
    counted: dict[str, tuple[object, str, Part | None, dict[str, str]]] = {
        Factor.TALENT: (people, gettext("people of the teams in the portal"), None, {}),
        Factor.TECHNOLOGY: (
            f"{met} / {asked}",
            gettext("contract indicators met"),
            Part.INDICATORS,
            {},
        ),
        Factor.COMPANY: (
            figures.organisations,
            gettext("organisations in projects"),
            Part.ORGANISATIONS,
            {},
        ),
        Factor.PLATFORM: (
            listed.get(Listed.PLATFORM, 0),
            gettext("published platforms"),
            Part.PUBLISHED,
            {"listed": Listed.PLATFORM.value},
        ),
        Factor.SPACE: (
            listed.get(Listed.SITE, 0),
            gettext("published sites"),
            Part.PUBLISHED,
            {"listed": Listed.SITE.value},
        ),
    }
    words = {factor.value: factor for factor in Factor}
    named = [term.text for term in cluster.terms if term.kind is TermKind.FACTOR]
    return [_factor(words.get(text), text, counted) for text in named]


def _factor(factor: Factor | None, text: str, counted: dict[str, Any]) -> Facts:
    value, note, part, values = counted[factor] if factor else (None, "", None, {})
    label = gettext(factor.label) if factor else text
    return {"label": label, "value": value, "note": note, "part": part, "values": values}


def _named(cluster: Cluster) -> list[tuple[Listed, list[str]]]:
    """What a cluster's source names, kind by kind."""
    terms = {Listed.COMPANY: TermKind.COMPANY, Listed.EVENT: TermKind.EVENT}
    found = {
        kind: [t.text for t in cluster.terms if t.kind is term] for kind, term in terms.items()
    }
    found[Listed.PLATFORM] = [row.name for row in cluster.platforms]
    found[Listed.RESULT] = [f"{row.what} {row.value}{row.unit}" for row in cluster.results]
    return [(kind, found[kind]) for kind in Listed if found.get(kind)]
