"""Settings, the sheet of a challenge, and what it still lacks."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.rules import OrganisationKind
from portal.challenges import completeness
from portal.challenges.completeness import NEEDED, first_closing_day, missing, questions_until
from portal.challenges.ranking_rule import TieBreak
from portal.challenges.rules import (
    BIDDING_MAXIMUM,
    BIDDING_MINIMUM,
    IssuerType,
    Operator,
    Problem,
)
from portal.challenges.settings import (
    LEADING_KINDS,
    RANGES,
    PanelMethod,
    ReviewMethod,
    Settings,
    settings_problems,
)
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource
from portal.core.workdays import PLACE, DayUnit, is_workday
from tests.factories.sheets import make_facts

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
USUAL = Settings()
AT_ONCE = Settings(bidding_days_min=1)


def at(problems: list[Problem]) -> list[str]:
    return [problem.as_error().field for problem in problems]


CHOSEN = st.builds(
    Settings,
    winners=st.integers(1, 9),
    race=st.booleans(),
    pass_mark=st.decimals(0, 100, places=2),
    own_ratio_min=st.decimals(0, 9, places=2),
    notice_unit=st.sampled_from(list(DayUnit)),
    review_method=st.sampled_from(list(ReviewMethod)),
    panel_method=st.sampled_from(list(PanelMethod)),
    panel_from=st.decimals(0, 100, places=2),
    lead_kinds=st.lists(st.sampled_from(list(OrganisationKind)), max_size=4).map(tuple),
    foreign_share_allowed=st.booleans(),
    tranche_shares=st.lists(st.integers(1, 100), min_size=1, max_size=5).map(tuple),
)


@settings(max_examples=60)
@given(chosen=CHOSEN, usual=CHOSEN)
def test_settings_come_back_as_they_were_frozen(chosen: Settings, usual: Settings) -> None:
    assert Settings.from_json(chosen.to_json()) == chosen
    own = chosen.differing(usual)
    assert Settings.from_json({**usual.to_json(), **own}) == chosen
    assert chosen.differing(chosen) == {}


def test_settings_of_an_older_time_take_the_defaults_and_forget_what_is_gone() -> None:
    assert Settings.from_json({"winners": 2, "no_longer_known": 1}) == Settings(winners=2)


def test_the_defaults_are_in_order_and_pay_out_all() -> None:
    assert settings_problems(USUAL) == []
    assert sum(USUAL.tranche_shares) == 100
    numbers = {item.name for item in fields(Settings) if type(item.default) in (int, Decimal)}
    assert numbers == RANGES.keys()


@settings(max_examples=100)
@given(name=st.sampled_from(sorted(RANGES)), value=st.integers(-5, 200))
def test_a_number_out_of_its_range_is_named_at_its_field(name: str, value: int) -> None:
    low, high = RANGES[name]
    kind = type(getattr(USUAL, name))
    found = at(settings_problems(replace(USUAL, **{name: kind(value)})))
    assert (name in found) is (not low <= value <= high or (name == "reviewers" and not value % 2))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reviewers": 6}, "reviewers"),
        ({"reviewers": 3, "seats_industry": 2}, "seats_finance"),
        ({"race": True, "winners": 1}, "race"),
        ({"tranche_shares": ()}, "tranche_shares"),
        ({"tranche_shares": (50, 49)}, "tranche_shares"),
        ({"tranche_shares": (110, -10)}, "tranche_shares"),
        ({"tranche_shares": (20, 10, 10, 10, 10, 10, 10, 10, 10)}, "tranche_shares"),
        ({"lead_kinds": ()}, "lead_kinds"),
        ({"lead_kinds": (OrganisationKind.GOVERNMENT,)}, "lead_kinds"),
    ],
)
def test_settings_that_contradict_themselves_are_named(changes: Any, field: str) -> None:
    assert at(settings_problems(replace(USUAL, **changes))) == [field]


def test_a_race_of_two_and_any_leading_kind_are_in_order() -> None:
    assert settings_problems(replace(USUAL, race=True, winners=2, lead_kinds=LEADING_KINDS)) == []


TEXT = st.text(max_size=20)
AMOUNT = st.decimals(0, 10**9, places=2)
INDICATORS = st.builds(
    IndicatorFacts,
    name=TEXT,
    operator=st.sampled_from(list(Operator)),
    value=st.none() | st.decimals(-(10**6), 10**6, places=6),
    high=st.none() | st.decimals(-(10**6), 10**6, places=6),
    unit=TEXT,
    test_method=TEXT,
    mandatory=st.booleans(),
    baseline=TEXT,
)
SHEETS = st.builds(
    ChallengeFacts,
    title=TEXT,
    issuer_type=st.sampled_from(list(IssuerType)),
    months=st.integers(1, 60),
    closes_at=st.none() | st.timedeltas(-999 * DAY, 999 * DAY).map(lambda gap: NOW + gap),
    indicators=st.lists(INDICATORS, max_size=3).map(tuple),
    funds=st.dictionaries(st.sampled_from(list(FundSource)), AMOUNT),
    criteria=st.lists(st.builds(CriterionFacts, TEXT, st.integers(1, 100), TEXT)).map(tuple),
    settings=CHOSEN.map(lambda chosen: chosen.differing(USUAL)),
    field=TEXT,
    trl_from=st.none() | st.integers(1, 9),
    ip_terms=TEXT,
)


@settings(max_examples=60)
@given(sheet=SHEETS)
def test_a_sheet_comes_back_from_json_as_it_was(sheet: ChallengeFacts) -> None:
    stored = sheet.to_json()
    assert ChallengeFacts.from_json(stored) == sheet
    assert ChallengeFacts.from_json({**stored, "no_longer_known": 1}) == sheet


def test_a_whole_sheet_lacks_nothing() -> None:
    assert missing(make_facts(NOW), USUAL, NOW) == []


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_and_blank_is_named_at_its_field(name: str) -> None:
    for blank in ("", "  \n "):
        assert at(missing(replace(make_facts(NOW), **{name: blank}), USUAL, NOW)) == [name]


def test_all_that_is_missing_is_told_at_once() -> None:
    found = at(missing(ChallengeFacts(title=""), USUAL, NOW))
    alone = ["contact_phone", "indicators", "city", "criteria", "closes_at"]
    assert found == [*NEEDED, *alone]


ROW = make_facts(NOW).indicators[0]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"contact_phone": "", "contact_email": "a@example.org"}, []),
        ({"contact_phone": "", "contact_email": ""}, ["contact_phone"]),
        ({"trl_from": 4, "trl_to": 4}, []),
        ({"trl_from": 5, "trl_to": 4}, ["trl_to"]),
        ({"indicators": (replace(ROW, test_method=" "),)}, ["indicators"]),
        ({"indicators": (replace(ROW, mandatory=False),)}, ["indicators"]),
        ({"indicators": (replace(ROW, mandatory=False), ROW)}, []),
        ({"funds": {FundSource.CITY: Decimal(0)}}, ["city"]),
        ({"funds": {FundSource.SOCIAL: Decimal("0.01")}}, []),
    ],
)
def test_what_contradicts_itself_is_named_at_its_field(changes: Any, fields: list[str]) -> None:
    assert at(missing(replace(make_facts(NOW), **changes), USUAL, NOW)) == fields


def test_a_criterion_that_decides_between_equals_is_in_the_rubric() -> None:
    rubric = (CriterionFacts("甲", 60), CriterionFacts("乙", 40))
    sheet = replace(make_facts(NOW), criteria=rubric)
    there = replace(USUAL, tie_first=TieBreak.CRITERION_2)
    assert missing(sheet, there, NOW) == []
    beyond = replace(there, tie_third=TieBreak.CRITERION_3)
    assert at(missing(sheet, beyond, NOW)) == ["tie_third"]
    assert at(missing(replace(sheet, criteria=()), beyond, NOW)) == ["criteria"]


@settings(max_examples=100)
@given(weights=st.lists(st.integers(1, 100), max_size=12))
def test_the_weights_sum_to_100_or_the_challenge_is_not_published(weights: list[int]) -> None:
    rubric = tuple(CriterionFacts("准则", weight) for weight in weights)
    found = missing(replace(make_facts(NOW), criteria=rubric), USUAL, NOW)
    assert at(found) == ([] if sum(weights) == 100 else ["criteria"])
    if found:
        assert str(sum(weights)) in str(found[0].as_error())


@settings(max_examples=100)
@given(ahead=st.timedeltas(-30 * DAY, 2000 * DAY))
def test_the_deadline_is_a_day_to_three_years_ahead(ahead: timedelta) -> None:
    found = missing(replace(make_facts(NOW), closes_at=NOW + ahead), AT_ONCE, NOW)
    fits = BIDDING_MINIMUM <= ahead <= BIDDING_MAXIMUM
    named = [name for name in at(found) if name != "question_days"]
    assert named == ([] if fits else ["closes_at"])


@settings(max_examples=100)
@given(ahead=st.timedeltas(BIDDING_MINIMUM, 200 * DAY), days=st.integers(3, 60))
def test_questions_are_taken_for_some_days_and_end_before_the_deadline(
    ahead: timedelta, days: int
) -> None:
    chosen = replace(AT_ONCE, question_days=days)
    found = missing(replace(make_facts(NOW), closes_at=NOW + ahead), chosen, NOW)
    enough = ahead >= (days + completeness.ASKING_DAYS) * DAY
    assert "closes_at" in at(found) or at(found) == ([] if enough else ["question_days"])
    text = {str(problem.as_error()) for problem in found if problem.at == "question_days"}
    assert all(f"{(NOW + ahead - days * DAY).astimezone(PLACE):%Y-%m-%d}" in one for one in text)


@pytest.mark.parametrize("days", [0, 2, 61])
def test_questions_that_end_with_the_deadline_are_no_setting(days: int) -> None:
    assert "question_days" in at(settings_problems(Settings(question_days=days)))


@settings(max_examples=60)
@given(
    start=st.timedeltas(-700 * DAY, 200 * DAY).map(lambda gap: (NOW + gap).astimezone(PLACE)),
    days=st.integers(1, 60),
)
def test_bidding_closes_at_the_earliest_on_the_last_of_its_working_days(
    start: datetime, days: int
) -> None:
    chosen = Settings(bidding_days_min=days)
    first = first_closing_day(start, chosen).astimezone(PLACE)
    between = (start.date() + DAY * i for i in range(1, (first.date() - start.date()).days + 1))
    assert sum(is_workday(day) for day in between) == days
    assert is_workday(first.date())
    least = first + (chosen.question_days + completeness.ASKING_DAYS) * DAY
    sheet = replace(make_facts(start), closes_at=least)
    assert missing(sheet, chosen, start) == []
    in_time = missing(replace(sheet, closes_at=max(first, start + BIDDING_MINIMUM)), chosen, start)
    assert "closes_at" not in at(in_time)
    early = replace(sheet, closes_at=first - timedelta(microseconds=1))
    assert at(missing(early, chosen, start)) == ["closes_at"]


@given(days=st.integers(0, 60))
def test_questions_end_so_many_days_before_the_deadline(days: int) -> None:
    chosen = Settings(question_days=days)
    assert questions_until(NOW, chosen) == NOW - days * DAY
    assert questions_until(None, chosen) is None
    assert completeness.WEIGHTS == 100
