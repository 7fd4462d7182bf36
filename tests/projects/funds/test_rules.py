"""Exact tranches, what may be paid, and how public money waits for the team's own."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import IllegalMove, Invalid
from portal.core.money import FundSource
from portal.projects.funds import rules
from portal.projects.funds.rules import RECEIPT_MOVES, Matching, ReceiptState, matching
from portal.projects.rules import ProjectState

R = ReceiptState
DAY = date(2026, 3, 2)
FREE = Matching(100, Decimal(1000), Decimal(0), Decimal(500), Decimal(0))
yuan = st.integers(0, 10**14).map(lambda cents: Decimal(cents) / 100)
shares = st.integers(0, 100)


@given(
    cents=st.integers(1, 10**12),
    cuts=st.lists(st.integers(0, 100), min_size=0, max_size=7),
)
def test_tranches_are_exact_in_sum_and_never_negative(cents: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 100]
    parts_of = [high - low for low, high in pairwise(edges)]
    total = Decimal(cents) / 100
    parts = rules.tranche_amounts(total, parts_of)
    assert sum(parts) == total
    assert len(parts) == len(parts_of)
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, share in zip(parts, parts_of, strict=True) if share == 0)


def test_tranches_follow_the_shares() -> None:
    parts = rules.tranche_amounts(Decimal("1000000.01"), [40, 30, 20, 10])
    assert [str(part) for part in parts] == ["400000.00", "300000.00", "200000.00", "100000.01"]


def test_a_few_cents_go_to_the_last_milestone_rather_than_below_nothing() -> None:
    assert rules.tranche_amounts(Decimal("0.02"), [25, 25, 25, 25])[-1] == Decimal("0.02")


@pytest.mark.parametrize(
    ("ahead", "received", "allowed"),
    [
        (100, 0, "1000.00"),
        (0, 0, "0.00"),
        (0, 125, "250.00"),
        (0, 500, "1000.00"),
        (40, 0, "400.00"),
        (40, 250, "700.00"),
        (40, 500, "1000.00"),
        (0, "333.33", "666.66"),
    ],
)
def test_public_money_follows_the_own_in_proportion(
    ahead: int, received: object, allowed: str
) -> None:
    rule = matching(
        ahead,
        {
            FundSource.CITY: Decimal(600),
            FundSource.DISTRICT: Decimal(400),
            FundSource.ENTERPRISE: Decimal(300),
            FundSource.SOCIAL: Decimal(200),
        },
        {FundSource.CITY: Decimal(0), FundSource.ENTERPRISE: Decimal(str(received))},
    )
    assert str(rule.allowed.quantize(Decimal("0.01"))) == allowed


@given(ahead=shares, public=yuan, own=yuan, received=yuan, more=yuan, paid=yuan)
def test_more_own_money_never_allows_less(
    ahead: int, public: Decimal, own: Decimal, received: Decimal, more: Decimal, paid: Decimal
) -> None:
    less = Matching(ahead, public, paid, own, min(received, own))
    all_of_it = Matching(ahead, public, paid, own, own)
    further = Matching(ahead, public, paid, own, min(received + more, own))
    assert 0 <= less.allowed <= further.allowed <= public
    assert all_of_it.allowed == public
    assert less.payable == max(less.allowed - paid, 0)


@given(ahead=shares, public=yuan, own=yuan, part=st.integers(1, 100))
def test_what_is_needed_for_a_payment_is_enough_and_not_a_cent_too_much(
    ahead: int, public: Decimal, own: Decimal, part: int
) -> None:
    payment = (public * part / 100).quantize(Decimal("0.01"))
    rule = Matching(ahead, public, Decimal(0), own, Decimal(0))
    needed = rule.own_needed(payment)
    assert Matching(ahead, public, Decimal(0), own, needed).allowed >= payment
    if needed:
        short = needed - Decimal("0.01")
        assert Matching(ahead, public, Decimal(0), own, short).allowed < payment


@pytest.mark.parametrize(
    ("amount", "left", "fund_left", "field"),
    [(0, 5, 5, "amount"), (6, 5, 9, "amount"), (5, 5, 4, "amount")],
)
def test_a_payment_stays_within_its_tranche_and_source(
    amount: int, left: int, fund_left: int, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.require_payment(Decimal(amount), Decimal(left), Decimal(fund_left), FREE)
    assert refusal.value.field == field
    rules.require_payment(Decimal(5), Decimal(5), Decimal(5), FREE)


def test_missing_own_money_is_told_in_figures() -> None:
    rule = Matching(40, Decimal(1000000), Decimal(400000), Decimal(500000), Decimal(100000))
    with pytest.raises(Invalid) as refusal:
        rules.require_payment(Decimal(300000), Decimal(300000), Decimal(600000), rule)
    facts = refusal.value.message.parameters
    assert {key: str(value) for key, value in facts.items()} == {
        "received": "10.00",
        "own": "50.00",
        "needed": "25.00",
        "payable": "12.00",
    }
    rules.require_payment(Decimal(120000), Decimal(300000), Decimal(600000), rule)


def test_a_voucher_has_its_number_its_day_and_its_file() -> None:
    rules.require_voucher("V", DAY, DAY, has_file=True)
    for number, day, file, field in (
        ("", DAY, True, "voucher"),
        ("V", None, True, "paid_on"),
        ("V", date(2026, 3, 3), True, "paid_on"),
        ("V", DAY, False, "file"),
    ):
        with pytest.raises(Invalid) as refusal:
            rules.require_voucher(number, day, DAY, has_file=file)
        assert refusal.value.field == field


def test_a_receipt_has_its_document_its_day_and_its_file() -> None:
    rules.require_document("S", DAY, DAY, has_file=True)
    for number, day, file, field in (
        ("", DAY, True, "document"),
        ("S", date(2026, 3, 3), True, "received_on"),
        ("S", DAY, False, "file"),
    ):
        with pytest.raises(Invalid) as refusal:
            rules.require_document(number, day, DAY, has_file=file)
        assert refusal.value.field == field


@pytest.mark.parametrize(
    ("source", "amount", "contracted", "field"),
    [
        (FundSource.CITY, Decimal(1), Decimal(9), "source"),
        (FundSource.SOCIAL, Decimal(1), None, "source"),
        (FundSource.SOCIAL, Decimal(0), Decimal(9), "amount"),
        (FundSource.ENTERPRISE, Decimal("5.01"), Decimal(9), "amount"),
    ],
)
def test_own_money_stays_within_the_contract(
    source: FundSource, amount: Decimal, contracted: Decimal | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.require_own_money(source, amount, contracted, Decimal(4))
    assert refusal.value.field == field
    rules.require_own_money(FundSource.ENTERPRISE, Decimal(5), Decimal(9), Decimal(4))


def test_money_is_paid_while_a_project_runs_and_what_it_earned_before_it_was_stopped() -> None:
    for state in ProjectState:
        if state in (ProjectState.ACTIVE, ProjectState.ACCEPTED, ProjectState.STOPPED):
            rules.require_payable_project(state)
        else:
            with pytest.raises(IllegalMove):
                rules.require_payable_project(state)


def test_own_money_is_decided_about_once() -> None:
    assert {(move.state, move.action): move.next for move in RECEIPT_MOVES} == {
        (R.REPORTED, "confirm"): R.CONFIRMED,
        (R.REPORTED, "refuse"): R.REFUSED,
    }
