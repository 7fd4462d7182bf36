"""What a bid must have before it is handed in; each thing missing is named at its field."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.rules import OrganisationKind
from portal.bids import completeness
from portal.bids.completeness import Asked, AskedIndicator, Partner, Team
from portal.bids.rules import PartnerState
from portal.bids.terms import (
    TEXTS,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.challenges.rules import Operator, Target
from portal.core.errors import Invalid
from portal.core.money import FundSource

O, F = Operator, FundSource  # noqa: E741 - many lines of tables
ISSUER, LEAD = uuid4(), uuid4()
SPEED, WORDS, WISH = UUID(int=1), UUID(int=2), UUID(int=3)
INDICATORS = (
    AskedIndicator(SPEED, "速度", Target(O.AT_LEAST, Decimal(30)), "帧/秒", True),
    AskedIndicator(WORDS, "展示", Target(O.QUALITATIVE), "", True),
    AskedIndicator(WISH, "期望", Target(O.AT_MOST, Decimal(16)), "路", False),
)
FUNDS = {F.CITY: Decimal(600), F.DISTRICT: Decimal(200), F.ENTERPRISE: Decimal(100)}
ASKED = Asked(INDICATORS, 24, FUNDS, Decimal(1), 2, ISSUER, 2026)
TEAM = Team(LEAD, OrganisationKind.ENTERPRISE, (Partner(uuid4(), "测试", PartnerState.CONFIRMED),))


def item(source: FundSource, amount: Decimal, year: int = 1) -> BudgetItem:
    return BudgetItem(year, BudgetCategory.EQUIPMENT, source, amount)


TERMS = BidTerms(
    title="题",
    summary="要",
    route="线",
    background="自有",
    foreground="专利",
    ownership="共有",
    scenario="部署",
    data_security="不出场地",
    other_funding="无",
    risks=(Risk("险", Level.LOW, Level.LOW, "备"),),
    members=(Member("王工", "某司", "负责", 60, MemberRole.LEADER, 1980),),
    promises=(Promise(SPEED, Decimal(30), "自研"), Promise(WORDS, None, "第三方评审")),
    milestones=(PlannedMilestone(12, "样机", "报告", 60), PlannedMilestone(24, "示范", "报告", 40)),
    items=(item(F.CITY, Decimal(300)), item(F.ENTERPRISE, Decimal(300))),
)


def fields(problems: list[Invalid]) -> list[str]:
    assert all(str(problem) for problem in problems)
    return [problem.field for problem in problems]


def found(
    asked: Asked = ASKED, team: Team = TEAM, document: bool = True, **terms: Any
) -> list[str]:
    return fields(completeness.problems(asked, team, replace(TERMS, **terms), document))


def test_a_complete_bid_has_no_problem_and_an_empty_one_has_them_all() -> None:
    assert found() == []
    empty = completeness.problems(ASKED, TEAM, BidTerms(), False)
    assert fields(empty) == [
        *TEXTS, "members", "promises.0.value", "promises.1.how", "milestones", "budget", "budget",
        "risks", "document",
    ]  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_chapter_without_words_is_missing(name: str, text: str) -> None:
    assert found(**{name: text}) == [name]


def test_the_team_holds_its_partners() -> None:
    def team(*partners: Partner) -> list[str]:
        return found(team=replace(TEAM, partners=partners))

    good = TEAM.partners[0]
    assert team() == team(good, good) == []
    assert team(good, good, good) == ["partners"]
    assert team(good, Partner(ISSUER, "出题", PartnerState.CONFIRMED)) == ["partners"]
    assert found(team=replace(TEAM, lead_id=ISSUER)) == ["partners"]
    assert team(good, replace(good, duty=" ")) == ["partners.1.duty"]
    for state in (PartnerState.INVITED, PartnerState.DECLINED):
        assert team(good, replace(good, state=state)) == ["partners.1.organisation"]


def test_every_person_has_a_name_a_home_a_task_and_time() -> None:
    good = TERMS.members[0]
    other = replace(good, name="李工", role=MemberRole.CORE)
    for name in ("name", "organisation", "duty", "share", "birth_year"):
        bare = replace(other, **{name: 0 if name in ("share", "birth_year") else ""})
        assert found(members=(good, bare)) == [f"members.1.{name}"]
    assert found(members=()) == ["members"]
    assert (
        found(members=(other,)) == found(members=(good, replace(good, name="李工"))) == ["members"]
    )


@settings(max_examples=100)
@given(year=st.integers(1900, 2026))
def test_nobody_is_younger_than_18_or_older_than_80(year: int) -> None:
    member = replace(TERMS.members[0], birth_year=year)
    sane = 18 <= 2026 - year <= 80
    assert found(members=(member,)) == ([] if sane else ["members.0.birth_year"])


@settings(max_examples=150)
@given(
    rows=st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(1, 100)), min_size=1, max_size=6)
)
def test_nobody_gives_more_than_all_of_their_time(rows: list[tuple[str, int]]) -> None:
    good = TERMS.members[0]
    roles = [MemberRole.LEADER, *[MemberRole.MEMBER] * (len(rows) - 1)]
    members = tuple(
        replace(good, name=name, share=share, role=role)
        for (name, share), role in zip(rows, roles, strict=True)
    )
    total = {name: sum(share for other, share in rows if other == name) for name, _ in rows}
    wrong = found(members=members)
    assert bool(wrong) == any(share > 100 for share in total.values())
    assert {path.rpartition(".")[2] for path in wrong} <= {"share"}
    assert {rows[int(path.split(".")[1])][0] for path in wrong} == {
        n for n in total if total[n] > 100
    }


def test_every_risk_has_its_weight_and_its_answer() -> None:
    good = TERMS.risks[0]
    for name, nothing in (("risk", ""), ("likelihood", None), ("effect", None), ("answer", "")):
        assert found(risks=(good, replace(good, **{name: nothing}))) == [f"risks.1.{name}"]
    assert found(risks=()) == ["risks"]


@settings(max_examples=150)
@given(
    cells=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(BudgetCategory), st.sampled_from(F)),
        max_size=6,
    )
)
def test_each_cell_of_the_budget_has_a_year_of_the_work_and_stands_once(
    cells: list[tuple[int, BudgetCategory, FundSource]],
) -> None:
    items = tuple(BudgetItem(*cell, Decimal(1)) for cell in cells)
    wrong = fields(completeness.cell_problems(ASKED, replace(TERMS, items=items)))
    for row, cell in enumerate(cells):
        assert (f"budget.{row}.year" in wrong) == (not 1 <= cell[0] <= 2)
        assert (f"budget.{row}.category" in wrong) == (cell in cells[:row])
    nothing = replace(TERMS, items=(item(F.CITY, Decimal(0)),))
    assert fields(completeness.cell_problems(ASKED, nothing)) == ["budget.0.amount"]


VALUES = st.decimals(-(10**4), 10**4, places=3)


@settings(max_examples=150)
@given(operator=st.sampled_from(Operator), a=VALUES, b=VALUES, promised=st.none() | VALUES)
def test_a_promise_worse_than_what_is_asked_is_refused(
    operator: Operator, a: Decimal, b: Decimal, promised: Decimal | None
) -> None:
    low, high = sorted((a, b))
    target = Target(operator, low, high if operator is O.BETWEEN else None)
    if operator is O.QUALITATIVE:
        target = Target(operator)
    row = AskedIndicator(SPEED, "", target, "", True)
    asked = replace(ASKED, indicators=(row,))
    wrong = found(asked, promises=(Promise(SPEED, promised, "这样做"),))
    good = operator is O.QUALITATIVE or target.is_met_by(promised)
    assert wrong == ([] if good else ["promises.0.value"])
    wished = replace(ASKED, indicators=(replace(row, mandatory=False),))
    assert found(wished, promises=(Promise(SPEED, promised, ""),)) == []


def test_a_promise_for_another_challenges_indicator_answers_nothing() -> None:
    assert found(promises=(Promise(uuid4(), Decimal(99), ""), TERMS.promises[1])) == [
        "promises.0.value"
    ]
    assert found(promises=(TERMS.promises[0], Promise(WORDS, None, " "))) == ["promises.1.how"]


@settings(max_examples=150)
@given(shares=st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_the_shares_of_the_milestones_sum_to_100(shares: list[int]) -> None:
    plan = tuple(PlannedMilestone(n, "节点", "报告", s) for n, s in enumerate(shares, 1))
    problems = completeness.milestone_problems(ASKED, replace(TERMS, milestones=plan))
    assert fields(problems) == ([] if sum(shares) == 100 else ["milestones"])
    if problems:
        assert str(sum(shares)) in str(problems[0])


@settings(max_examples=150)
@given(months=st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_milestones_are_in_order_and_in_the_challenges_time(months: list[int]) -> None:
    shares = [100, *[0] * (len(months) - 1)]
    plan = tuple(
        PlannedMilestone(month, "节点", "报告", share or 1)
        for month, share in zip(months, shares, strict=True)
    )
    wrong = fields(completeness.milestone_problems(ASKED, replace(TERMS, milestones=plan)))
    for row, month in enumerate(months):
        disorder = bool(month) and month <= max([0, *months[:row]])
        expected = (month == 0) + (month > 24) + disorder
        assert wrong.count(f"milestones.{row}.month") == expected


AMOUNT = st.none() | st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=200)
@given(
    amounts=st.fixed_dictionaries(dict.fromkeys(FundSource, AMOUNT)),
    ratio=st.integers(0, 30).map(lambda tenths: Decimal(tenths) / 10),
)
def test_public_money_has_its_ceiling_and_own_money_its_least_sum_and_ratio(
    amounts: dict[FundSource, Decimal | None], ratio: Decimal
) -> None:
    lines = tuple(item(s, amount) for s, amount in amounts.items() if amount is not None)
    asked = replace(ASKED, own_ratio_min=ratio)
    problems = completeness.budget_problems(asked, replace(TERMS, items=lines))
    named = [problem.message.parameters.get("source") for problem in problems]
    whole = [problem for problem in problems if problem.field == "budget"]
    money = {source: amount or Decimal(0) for source, amount in amounts.items()}
    public = money[F.CITY] + money[F.DISTRICT]
    own = money[F.ENTERPRISE] + money[F.SOCIAL]
    assert (F.CITY in named) == (money[F.CITY] > 600)
    assert (F.DISTRICT in named) == (money[F.DISTRICT] > 200)
    assert (F.ENTERPRISE in named) == (money[F.ENTERPRISE] < 100)
    assert F.SOCIAL not in named
    sources = sum(source is not None for source in named)
    assert len(whole) - sources == (own < ratio * public or not public + own)


def test_the_limits_themselves_are_kept() -> None:
    def budget(city: str, enterprise: str) -> list[str]:
        sums = {F.CITY: city, F.ENTERPRISE: enterprise}
        return found(items=tuple(item(s, Decimal(v)) for s, v in sums.items()))

    assert budget("600", "600") == []
    assert budget("600.01", "600.01") == ["budget"]
    assert budget("600", "599.99") == ["budget"]
    assert budget("0.01", "100") == []
    assert budget("0.01", "99.99") == ["budget"]
    assert ASKED.limit("city") == 600
    assert ASKED.limit("social") == 0
