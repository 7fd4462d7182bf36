"""A board's figures are the sums of the lists behind them, and cost the same for many projects."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.clusters.models import Cluster
from portal.core.money import FundSource
from portal.projects.boards import flows, lists, queries
from portal.projects.boards.queries import Figures
from portal.projects.boards.rules import Due, Kind, Part, Reading
from portal.projects.funds import queries as fund_queries
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from tests.copies import counted
from tests.factories.money import make_payment, make_receipt
from tests.factories.projects import make_project

DAY = timedelta(days=1)


def neighbour(project: Project, **facts: bool) -> Project:
    """Another project of the same cluster."""
    other = make_project(**facts)
    other.challenge.call = project.challenge.call
    return other


@pytest.fixture
def projects(session: Session) -> list[Project]:
    """Three projects of a cluster: one that pays and is measured, one late, one to be signed."""
    paying = make_project(measured=True)
    late = neighbour(paying, reported=True)
    waiting = neighbour(paying)
    waiting.state = ProjectState.SIGNING
    for tranche in paying.tranches[:1]:
        make_payment(tranche)
    make_receipt(paying, confirmed=True)
    make_receipt(paying, amount=Decimal(777))
    paying.indicators[0].met = False
    make_project(measured=True)  # of another cluster, in no sum of this one
    session.flush()
    return [paying, late, waiting]


@pytest.fixture
def cluster(projects: list[Project]) -> Cluster:
    return projects[0].challenge.call.cluster


@pytest.fixture
def moment(projects: list[Project]) -> datetime:
    """A day on which the second project's last milestone is late."""
    return projects[1].milestones[-1].due_at + DAY


@pytest.fixture
def figures(session: Session, cluster: Cluster, moment: datetime) -> Figures:
    return queries.figures(session, [cluster.id], moment)[cluster.id]


def test_figures_are_those_of_the_projects(
    session: Session, projects: list[Project], figures: Figures
) -> None:
    bound = projects[:2]
    for source in FundSource:
        amounts = [f.amount for p in bound for f in p.funds if f.source is source]
        received = [fund_queries.received(session, p.id).get(source, 0) for p in bound]
        assert figures.of(Kind.CONTRACTED, source) == sum(amounts)
        assert figures.of(Kind.PAID, source) == sum(received)
    assert figures.of(Kind.PAID) > 0
    assert figures.projects == {ProjectState.ACTIVE: 2, ProjectState.SIGNING: 1}
    first, second = bound
    assert figures.milestones == {
        Due.DONE: len(first.milestones),
        Due.REPORTED: 1,
        Due.LATE: len(second.milestones) - 1,
    }
    assert figures.indicators == {
        Reading.MISSED: 1,
        Reading.MET: len(first.indicators) - 1,
        Reading.UNMEASURED: len(second.indicators),
    }


def test_every_figure_is_the_foot_of_its_list(
    session: Session, cluster: Cluster, figures: Figures, moment: datetime
) -> None:
    def foot(part: Part, **narrow: str) -> lists.Page:
        assert lists.chosen(part, narrow) == narrow
        return lists.page(session, cluster.id, part, narrow, moment)

    for kind in Kind:
        part = Part(kind.value)
        assert foot(part).total == figures.of(kind)
        for source in FundSource:
            assert foot(part, source=source.value).total == figures.of(kind, source)
    for (kind, quarter, source), amount in figures.money.items():
        found = foot(Part(kind.value), source=source.value, quarter=quarter)
        assert found.total == amount == sum(row["amount"] for row in found.rows)
    for part, name, counts in (
        (Part.PROJECTS, "state", figures.projects),
        (Part.MILESTONES, "due", figures.milestones),
        (Part.INDICATORS, "reading", figures.indicators),
        (Part.PUBLISHED, "listed", figures.listed),
    ):
        assert foot(part).count == sum(counts.values())
        for word, number in counts.items():
            found = foot(part, **{name: word.value})
            assert (found.count, len(found.rows)) == (number, number)
    assert foot(Part.ORGANISATIONS).distinct == figures.organisations


def test_flows_are_all_the_money_and_each_leads_to_its_list(
    session: Session, cluster: Cluster, figures: Figures, moment: datetime
) -> None:
    found, names = queries.flows(session, cluster.id, Kind.CONTRACTED)
    drawn = flows.picture(found)
    assert sum(n.amount for n in drawn.nodes if not n.column) == figures.of(Kind.CONTRACTED)
    for flow in found:
        narrow = {"source": flow.source.value, "project": flow.project}
        page = lists.page(session, cluster.id, Part.CONTRACTED, narrow, moment)
        assert page.total == flow.amount
        assert {flow.challenge, flow.project} <= set(names)


def test_who_stands_at_a_stage_is_who_is_listed_there(
    session: Session, cluster: Cluster, moment: datetime
) -> None:
    known = queries.stages(session, cluster.id)
    assert any(stage.organisations for stage in known.values())
    for stage, standing in known.items():
        page = lists.page(session, cluster.id, Part.ORGANISATIONS, {"stage": stage}, moment)
        assert page.distinct == len(standing.organisations)
        bound = lists.page(session, cluster.id, Part.ORGANISATIONS, {"stage": stage}, moment)
        assert len({row["project"] for row in bound.rows}) == standing.projects


def test_a_list_is_paged_without_losing_or_doubling_a_row(
    session: Session, cluster: Cluster, moment: datetime
) -> None:
    seen: list[str] = []
    after, more = "", True
    while more:
        page = lists.page(session, cluster.id, Part.INDICATORS, {}, moment, after, limit=2)
        seen += [row["key"] for row in page.rows]
        after, more = seen[-1], page.more
    assert len(seen) == len(set(seen)) == page.count
    assert seen == [r["key"] for r in lists.every(session, cluster.id, Part.INDICATORS, {}, moment)]


def test_what_a_list_does_not_know_narrows_nothing() -> None:
    asked = {"source": "gold", "quarter": "2026Q1", "cluster_id": "x"}
    assert lists.chosen(Part.PAID, asked) == {"quarter": "2026Q1"}


def test_twenty_clusters_cost_as_many_queries_as_one(
    session: Session, cluster: Cluster, moment: datetime
) -> None:
    with counted() as one:
        queries.figures(session, [cluster.id], moment)
    with counted() as many:
        found = queries.figures(session, [cluster.id, *(UUID(int=n) for n in range(20))], moment)
    assert len(one) == len(many)
    assert found[UUID(int=3)] == Figures()
