"""Money is exact: 万元 and yuan are the same amount, and parts sum to the whole."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.money import CENT, FundSource, split, wan, yuan

AMOUNTS = st.integers(0, 10**15).map(lambda cents: Decimal(cents) / 100)


@given(hundredths=st.integers(0, 10**12))
def test_what_is_typed_in_wan_comes_back_as_it_was(hundredths: int) -> None:
    typed = Decimal(hundredths) / 100
    assert wan(yuan(typed)) == typed
    assert yuan(typed) == typed * 10000


@given(amount=AMOUNTS)
def test_showing_an_amount_in_wan_is_off_by_half_a_hundredth_at_most(amount: Decimal) -> None:
    assert abs(wan(amount) * 10000 - amount) <= Decimal(50)
    assert wan(amount).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("typed", "expected"), [("0.0000005", "0.01"), ("0.0000004", "0.00"), ("1.2345678", "12345.68")]
)
def test_parts_of_a_cent_are_rounded_half_up(typed: str, expected: str) -> None:
    assert yuan(Decimal(typed)) == Decimal(expected)


@settings(max_examples=150)
@given(total=AMOUNTS, cuts=st.lists(st.integers(0, 100), max_size=7))
def test_the_parts_of_a_sum_are_whole_cents_and_sum_to_it(total: Decimal, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 100]
    shares = [Decimal(high - low) for low, high in pairwise(edges)]
    parts = split(total, shares)
    assert sum(parts) == total
    assert len(parts) == len(shares)
    for part, share in zip(parts, shares, strict=True):
        assert part == part.quantize(CENT)
        assert abs(part - total * share / 100) <= CENT * len(parts)


def test_four_sources_are_joined() -> None:
    assert [source.value for source in FundSource] == ["city", "district", "enterprise", "social"]
