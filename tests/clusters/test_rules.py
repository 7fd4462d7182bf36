"""What facts about a cluster can be, and where each of its words belongs."""

from dataclasses import replace
from datetime import date

import pytest

from portal.clusters.facts import ClusterFacts, FundFacts, PastProjectFacts, SourceFacts
from portal.clusters.rules import PROGRAMME_KINDS, TermKind, check_cluster
from portal.core.errors import InvalidInput

SOURCE = SourceFacts("报道", "北京科技报", date(2023, 4, 19))
GOOD = ClusterFacts("a", "示例项目群", "Example", "石景山区", 3, 5, source=SOURCE)
FUND = FundFacts("专项资金", 50_000_000)
PAST = PastProjectFacts("p", "项目", "单位", "难题", "成果", "地点", "场景")


def test_facts_with_their_source_are_taken() -> None:
    check_cluster(replace(GOOD, funds=(FUND,), past_projects=(PAST,)))
    check_cluster(replace(GOOD, source=None))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "  "}, ["name"]),
        ({"years_min": 0}, ["years_min"]),
        ({"years_min": 6}, ["years_min"]),
        ({"funds": (replace(FUND, amount=0),)}, ["funds"]),
        ({"funds": (FUND, replace(FUND, amount=-1))}, ["funds"]),
        ({"source": None, "funds": (FUND,)}, ["source"]),
        ({"source": None, "past_projects": (PAST,)}, ["source"]),
        ({"name": "", "years_max": 2, "source": None, "funds": (FUND,)},
         ["name", "years_min", "source"]),
    ],
)  # fmt: skip
def test_facts_that_contradict_themselves_or_lack_their_source_are_told(
    changes: dict[str, object], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_cluster(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert [problem.field for problem in refusal.value.problems] == fields


def test_what_comes_next_is_not_a_fact_about_one_cluster() -> None:
    assert {TermKind.DIRECTION, TermKind.METHOD} == PROGRAMME_KINDS
