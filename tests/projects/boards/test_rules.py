"""Leverage, quarters, lateness, and where columns and rows stand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.money import WAN, FundSource
from portal.projects.boards.columns import FULL, columns
from portal.projects.boards.gantt import Stretch, gantt
from portal.projects.boards.rules import (
    Amounts,
    Due,
    Kind,
    Leverage,
    Reading,
    due,
    leverage,
    published_amounts,
    quarter_of,
    quarters,
    reading,
)
from portal.projects.milestones.rules import MilestoneState
from portal.projects.rules import ProjectState

NOW = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
DAY = timedelta(days=1)
CITY, DISTRICT, ENTERPRISE, SOCIAL = FundSource
FEW = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        ({CITY: 100, DISTRICT: 100, ENTERPRISE: 300, SOCIAL: 50}, Leverage(Decimal("1.75"))),
        ({CITY: 3, ENTERPRISE: 2}, Leverage(Decimal("0.67"))),
        ({CITY: 100}, Leverage(Decimal("0.00"))),
        ({ENTERPRISE: 100}, Leverage(None)),
        ({}, Leverage(None)),
        ({CITY: 100, ENTERPRISE: None}, Leverage(None, disclosed=False)),
    ],
)
def test_leverage_is_private_to_public_money_and_only_if_all_is_known(
    amounts: dict[FundSource, int | None], found: Leverage
) -> None:
    exact: Amounts = {s: None if a is None else Decimal(a) for s, a in amounts.items()}
    assert leverage(exact) == found


def test_a_published_source_is_known_only_if_one_sum_alone_names_it() -> None:
    names = ["市级财政", "区级财政", "企业", "社会资本"]
    sums = [("", 400), ("区级财政", 50), ("企业", 1), ("企业", 2)]
    found = published_amounts(names, sums)
    assert found == {CITY: None, DISTRICT: Decimal(50), ENTERPRISE: None, SOCIAL: None}
    assert not leverage(found).disclosed


def test_a_quarter_is_that_of_beijing() -> None:
    assert quarter_of(NOW) == "2027Q1"
    assert quarter_of(NOW - timedelta(hours=1)) == "2026Q4"


def test_quarters_have_no_gap() -> None:
    assert quarters(["2027Q2", "2026Q3"]) == ["2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    assert quarters([]) == []


@pytest.mark.parametrize(
    ("state", "days", "project", "found"),
    [
        (MilestoneState.PLANNED, -1, ProjectState.ACTIVE, Due.LATE),
        (MilestoneState.PLANNED, 1, ProjectState.ACTIVE, Due.OPEN),
        (MilestoneState.REWORK, 0, ProjectState.ACTIVE, Due.LATE),
        (MilestoneState.PLANNED, -1, ProjectState.SUSPENDED, Due.OPEN),
        (MilestoneState.PLANNED, 1, ProjectState.TERMINATED, Due.DROPPED),
        (MilestoneState.ACCEPTED, -1, ProjectState.TERMINATED, Due.DONE),
        (MilestoneState.FAILED, 1, ProjectState.ACTIVE, Due.FAILED),
        (MilestoneState.PASSED_OVER, -1, ProjectState.ACTIVE, Due.FAILED),
        (MilestoneState.REPORTED, -1, ProjectState.ACTIVE, Due.REPORTED),
        (MilestoneState.ACCEPTED, -1, ProjectState.ACTIVE, Due.DONE),
    ],
)
def test_a_milestone_is_late_when_its_date_has_passed_without_a_report(
    state: MilestoneState, days: int, project: ProjectState, found: Due
) -> None:
    assert due(state, NOW + days * DAY, project, NOW) is found


def test_an_indicator_is_met_missed_or_unmeasured() -> None:
    assert [reading(met) for met in (True, False, None)] == list(Reading)


@FEW
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(Kind),
            st.integers(8104, 8124).map(lambda n: f"{n // 4}Q{n % 4 + 1}"),
            st.sampled_from(FundSource),
        ),
        st.decimals(min_value=1, max_value=10**9, places=2),
        min_size=1,
    )
)
def test_columns_are_as_high_as_their_money(
    sums: dict[tuple[Kind, str, FundSource], Decimal],
) -> None:
    drawn = columns(sums)
    top = float(drawn.lines[-1][1])
    for piece in drawn.pieces:
        assert piece.height == pytest.approx(FULL * float(piece.amount) / top)
        assert piece.x >= 0
        assert piece.x + piece.width <= 100
    for kind, quarter in {(piece.kind, piece.quarter) for piece in drawn.pieces}:
        own = [p for p in drawn.pieces if (p.kind, p.quarter) == (kind, quarter)]
        assert own[0].y + own[0].height == pytest.approx(drawn.foot)
        for below, above in pairwise(own):
            assert above.y + above.height == pytest.approx(below.y)
    assert sum(piece.amount for piece in drawn.pieces) == sum(sums.values())


def test_no_money_has_no_columns_but_an_axis() -> None:
    drawn = columns({})
    assert (drawn.pieces, drawn.labels) == ([], [])
    assert drawn.lines[-1][1] == 4 * WAN


@FEW
@given(st.lists(st.tuples(st.integers(-900, 900), st.integers(0, 1500)), min_size=1, max_size=6))
def test_every_project_milestone_and_today_lie_on_the_axis(spans: list[tuple[int, int]]) -> None:
    rows = [
        Stretch("P", NOW + a * DAY, NOW + (a + b) * DAY, [(NOW + a * DAY, Due.OPEN, "M")])
        for a, b in spans
    ]
    plot = gantt(rows, NOW)
    assert plot.zero is not None
    places = [plot.zero, *(x for row in plot.rows for x in row.bar or ())]
    places += [mark.x for row in plot.rows for mark in row.marks]
    assert all(0 <= place <= 100 for place in places)
    assert all(row.bar and row.bar[0] == row.marks[0].x for row in plot.rows)
    assert len(plot.ticks) <= 9


def test_without_a_project_there_is_an_axis_of_this_month() -> None:
    assert [text for _, text in gantt([], NOW).ticks] == ["2027-01", "2027-02"]
