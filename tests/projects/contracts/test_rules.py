"""What may be negotiated, which targets are easier than the bid's, and the bytes that are confirmed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.rules import Level
from portal.challenges.rules import Operator
from portal.core.errors import DeadlinePassed, IllegalMove, InvalidInput
from portal.core.money import FundSource
from portal.projects.contracts import rules
from portal.projects.contracts.standard import USUAL
from portal.projects.contracts.terms import (
    IndicatorTerm,
    MilestoneTerm,
    MoneyTerm,
    Part,
    PartyTerm,
    Terms,
)

WHY = "经双方协商调整进度安排。"
NUMBERS = st.decimals(-1000, 1000, places=3)


def indicator(operator: Operator, promised: Decimal | None) -> IndicatorTerm:
    asked = None if operator is Operator.QUALITATIVE else Decimal(30)
    high = Decimal(60) if operator is Operator.BETWEEN else None
    return IndicatorTerm(
        1, "重建输出", operator, asked, high, promised, "自研引擎", "帧/秒", "第三方检测", True
    )


def terms(promised: Decimal = Decimal(36)) -> Terms:
    return Terms(
        number="BJ-1-P1",
        title="三维重建",
        challenge_code="BJ-1",
        challenge_title="动态三维重建",
        bid_version=2,
        bid_commit="a" * 64,
        owner="园区",
        site="三号高炉",
        use="导览",
        parties=(
            PartyTerm(Part.ISSUER, "1", "市级部门", ""),
            PartyTerm(Part.LEAD, "2", "企业", "9"),
        ),
        indicators=(indicator(Operator.AT_LEAST, promised),),
        milestones=(
            MilestoneTerm(1, 6, "样机", "样机", (1,), 60),
            MilestoneTerm(2, 12, "示范", "报告", (1,), 40),
        ),
        money=(MoneyTerm(FundSource.CITY, Decimal("1000000.10")),),
        signing_share=0,
        clauses=USUAL,
    )


@given(value=NUMBERS, old=NUMBERS)
def test_a_target_is_easier_exactly_when_it_lets_more_pass(value: Decimal, old: Decimal) -> None:
    for operator in (Operator.AT_LEAST, Operator.AT_MOST):
        new, before = indicator(operator, value), indicator(operator, old)
        lets_more = before.asked.promised(value).is_met_by(value) and not (
            before.asked.promised(old).is_met_by(value)
        )
        assert rules.is_eased(new, before) == lets_more


def test_a_value_taken_away_is_easier_and_one_added_is_not() -> None:
    told, untold = indicator(Operator.AT_LEAST, Decimal(36)), indicator(Operator.AT_LEAST, None)
    assert rules.is_eased(untold, told)
    assert not rules.is_eased(told, untold)
    exact = indicator(Operator.EQUAL, Decimal(30))
    assert rules.is_eased(replace(exact, promised_value=Decimal(31)), exact)
    inside = indicator(Operator.BETWEEN, Decimal(40))
    assert not rules.is_eased(replace(inside, promised_value=Decimal(45)), inside)


def test_only_both_levels_together_let_an_easier_target_pass() -> None:
    easier = terms(Decimal(33))
    rules.require_consents(terms(Decimal(40)), terms(), [])
    rules.require_consents(easier, terms(), [Level.DISTRICT, Level.CITY])
    for given_by in ([], [Level.CITY], [Level.DISTRICT]):
        with pytest.raises(IllegalMove):
            rules.require_consents(easier, terms(), given_by)


def fields(after: Terms, reason: str = WHY) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        rules.check_change(terms(), after, reason)
    return [one.field for one in refusal.value.problems]


def test_each_wrong_part_is_told_at_its_place() -> None:
    plan = terms().milestones
    assert fields(terms(Decimal(29))) == ["indicators.0.promised_value"]
    assert fields(replace(terms(), milestones=plan[::-1])) == ["milestones.1.month"]
    assert fields(replace(terms(), signing_share=10)) == ["signing_share"]
    empty = replace(plan[0], deliverable=" ")
    assert fields(replace(terms(), milestones=(empty, plan[1]))) == ["milestones.0.deliverable"]
    assert fields(terms(Decimal(40)), "短") == ["reason"]
    assert fields(terms()) == ["reason"]


def test_what_comes_from_the_bid_is_not_negotiated() -> None:
    for after in (
        replace(terms(), title="另一个题目"),
        replace(terms(), money=(MoneyTerm(FundSource.CITY, Decimal(2_000_000)),)),
        replace(terms(), parties=terms().parties[:1]),
        replace(
            terms(), milestones=(*terms().milestones[:1], replace(terms().milestones[1], title="x"))
        ),
    ):
        with pytest.raises(IllegalMove):
            rules.check_change(terms(), after, WHY)
    plan = terms().milestones
    negotiated = replace(
        terms(Decimal(40)),
        signing_share=20,
        milestones=(replace(plan[0], month=5, share=40), plan[1]),
    )
    rules.check_change(terms(), negotiated, WHY)


def test_terms_survive_being_stored_and_their_fingerprint_names_every_word() -> None:
    again = Terms.from_json(terms().to_json())
    assert again == terms()
    assert again.fingerprint == terms(Decimal("36.000")).fingerprint
    assert terms(Decimal("36.001")).fingerprint != terms().fingerprint
    assert len(terms().fingerprint) == 64


def test_the_date_of_signing_is_the_end_of_the_thirtieth_day_in_beijing() -> None:
    end = rules.sign_by(datetime(2026, 12, 1, 3, tzinfo=UTC))
    assert end == datetime(2026, 12, 31, 16, tzinfo=UTC)
    rules.require_in_time(end, datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    with pytest.raises(DeadlinePassed):
        rules.require_in_time(end, end)
