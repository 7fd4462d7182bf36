"""The arithmetic of a draw: fair, repeatable, one of an organisation, in the order of filling."""

import hashlib
from collections import Counter
from datetime import date
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import drawn
from portal.reviews.draws import rules
from portal.reviews.draws.rules import Present, Standing

pure = settings(max_examples=150, deadline=None)
seeds = st.binary(min_size=32, max_size=32)


def chi_square(counts: Counter[object], cells: int) -> float:
    """How far counts are from being alike."""
    expected = counts.total() / cells
    return sum((counts[cell] - expected) ** 2 / expected for cell in counts) + expected * (
        cells - len(counts)
    )


def test_every_order_is_as_likely_as_any_other() -> None:
    """24 orders of four, 4,800 draws: below 44.2 with a probability of 99.5 %; the seeds are fixed."""
    names = ["a", "b", "c", "d"]
    found = Counter(
        tuple(rules.permutation(number.to_bytes(32), "technical", names)) for number in range(4800)
    )
    assert set(found) == set(permutations(names))
    assert chi_square(Counter(found), 24) < 44.2


def test_everybody_is_first_and_last_as_often() -> None:
    """Eleven names, 4,400 draws: below 25.2 with a probability of 99.5 % each; the seeds are fixed."""
    names = [f"{number:02}" for number in range(11)]
    orders = [rules.permutation(number.to_bytes(32), "finance", names) for number in range(4400)]
    for place in (0, 5, 10):
        assert chi_square(Counter(order[place] for order in orders), 11) < 25.2


def test_words_that_would_favour_some_are_left_out() -> None:
    limit = 3
    whole = 2**32 // limit * limit
    assert rules.below(limit, iter([whole, 2**32 - 1, whole - 1])) == (whole - 1) % limit
    assert rules.below(2**32, iter([2**32 - 1])) == 2**32 - 1
    with pytest.raises(StopIteration):
        rules.below(limit, iter([whole]))


@pure
@given(seeds, st.sets(st.text("0123456789abcdef", min_size=1, max_size=8), max_size=40))
def test_the_order_needs_the_names_alone_and_the_verifier_gets_the_same(
    seed: bytes, names: set[str]
) -> None:
    order = rules.permutation(seed, "industry", names)
    assert sorted(order) == sorted(names)
    assert order == rules.permutation(seed, "industry", sorted(names, reverse=True))
    assert order == drawn.shuffled(seed, "industry", list(names))


def test_the_strata_have_streams_of_their_own() -> None:
    names = [f"{number:02}" for number in range(30)]
    orders = rules.orders_of(b"s" * 32, {"technical": names, "finance": names})
    assert orders["technical"] != orders["finance"]


def test_the_seed_hangs_on_every_part() -> None:
    known = uuid4(), 1, "a" * 64, b"s" * 32, [["phrase", "auditor", "口令"]]
    others = [uuid4(), 2, "b" * 64, b"t" * 32, [["phrase", "auditor", "口令 "]]]
    found = {rules.seed_of(*known)}
    for place, other in enumerate(others):
        found.add(rules.seed_of(*known[:place], other, *known[place + 1 :]))
    assert len(found) == len(others) + 1


@pure
@given(
    seeds,
    st.integers(1, 12),
    st.integers(1, 5),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_seats_are_filled_by_stratum_one_of_an_organisation_in_order(
    seed: bytes, people: int, homes: int, seats: list[int]
) -> None:
    mix = dict(zip(("technical", "industry", "finance"), seats, strict=True))
    strata = {name: [f"{name}{one}" for one in range(people)] for name in mix}
    home = {one: str(int(one[-1]) % homes) for names in strata.values() for one in names}
    orders = rules.orders_of(seed, strata)
    found = rules.first_seats(orders, home, mix)
    assert len({home[one] for _, one in found}) == len(found)
    taken = Counter(stratum for stratum, _ in found)
    assert all(taken[stratum] <= count for stratum, count in mix.items())
    full = min(sum(seats), len(set(home.values())))
    assert len(found) <= full
    for stratum in mix:
        places = [orders[stratum].index(one) for name, one in found if name == stratum]
        assert places == sorted(places)


def test_a_stratum_that_is_short_is_filled_first_in_the_order_of_filling() -> None:
    mix = rules.mix_of(5, 1, 1)
    assert mix == {"technical": 3, "industry": 1, "finance": 1}
    assert rules.short(mix, []) == ["technical", "industry", "finance"]
    assert rules.short(mix, ["technical", "technical", "finance"]) == ["technical", "industry"]
    assert rules.short(mix, ["technical"] * 3 + ["industry", "finance"]) == []
    assert rules.lacking(mix, {"technical": ["a", "a", "b"], "industry": ["a"]}) == {
        "technical": (3, 2),
        "finance": (1, 0),
    }


def test_an_alias_tells_nothing_and_is_the_same_in_every_draw_of_a_challenge() -> None:
    one, salt = UUID(int=7), b"s" * 32
    assert rules.alias(salt, one) == rules.alias(salt, one)
    assert len({rules.alias(salt, one), rules.home(salt, one), rules.alias(b"t" * 32, one)}) == 3
    assert "7" * 32 not in rules.alias(salt, one)
    inner, outer, head, tail = rules.alias_keys(salt)
    inside = hashlib.sha256(inner + f"{head}{one}{tail}".encode()).digest()
    whole = hashlib.sha256(outer + inside).hexdigest()
    assert whole.startswith(rules.alias(salt, one))


def test_values_count_however_they_are_typed() -> None:
    assert rules.phrase_of("  cafe\u0301 ") == "caf\u00e9"
    assert rules.numbers_of("０３，11、17+ 09") == "03 11 17 09"
    assert rules.numbers_of("none") == ""
    assert rules.is_to_come(date(2026, 3, 2), date(2026, 3, 1))
    assert not rules.is_to_come(date(2026, 3, 1), date(2026, 3, 1))


def test_two_to_five_of_as_many_organisations_give_the_values() -> None:
    def present(*homes: int) -> list[Present]:
        return [
            Present(uuid4(), "钱审", UUID(int=home), "审计处", Standing.AUDITOR) for home in homes
        ]

    assert rules.are_enough(present(1, 2))
    assert rules.are_enough(present(1, 2, 3, 4, 5))
    for few in ((), (1,), (1, 1), (1, 2, 2), (1, 2, 3, 4, 5, 6)):
        assert not rules.are_enough(present(*few))
