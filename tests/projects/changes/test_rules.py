"""Who has to consent to which change, and when it is asked for."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.challenges.rules import Operator, Target
from portal.core.errors import IllegalMove, Invalid
from portal.core.money import FundSource
from portal.projects.changes import rules
from portal.projects.changes.rules import ChangeKind, Voice

END = datetime(2028, 6, 30, 4, tzinfo=UTC)
IN_TIME = datetime(2028, 3, 30, 4, tzinfo=UTC)
SUMS = st.lists(st.decimals(Decimal("0.01"), 10**9, places=2), min_size=1, max_size=6)


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_kind_has_somebody_who_consents(kind: ChangeKind) -> None:
    assert set(rules.NEEDED[kind]) - {Voice.EXPERT}


def test_the_levels_wait_for_the_expert_and_nobody_answers_twice() -> None:
    kind = ChangeKind.INDICATOR
    rules.require_turn(kind, Voice.EXPERT, ())
    with pytest.raises(IllegalMove):
        rules.require_turn(kind, Voice.CITY, ())
    rules.require_turn(kind, Voice.CITY, {Voice.EXPERT})
    with pytest.raises(IllegalMove):
        rules.require_turn(kind, Voice.EXPERT, {Voice.EXPERT})
    with pytest.raises(IllegalMove):
        rules.require_turn(kind, Voice.ISSUER, {Voice.EXPERT})


@pytest.mark.parametrize(
    ("months", "before", "now", "allowed"),
    [
        (12, False, IN_TIME, True),
        (13, False, IN_TIME, False),
        (0, False, IN_TIME, False),
        (None, False, IN_TIME, False),
        (6, True, IN_TIME, False),
        (6, False, IN_TIME + timedelta(seconds=1), False),
    ],
)
def test_an_extension_is_one_is_a_year_at_most_and_is_asked_for_in_time(
    months: int | None, before: bool, now: datetime, allowed: bool
) -> None:
    if allowed:
        rules.require_extension(months, END, before, now)
    else:
        with pytest.raises(Invalid):
            rules.require_extension(months, END, before, now)


@given(SUMS, st.decimals(Decimal("0.01"), 10**9, places=2))
def test_tranches_that_are_cut_anew_sum_to_the_cent_or_are_refused(
    planned: list[Decimal], total: Decimal
) -> None:
    try:
        cut = rules.recut(planned, total)
    except Invalid:
        return
    assert sum(cut) == total
    assert len(cut) == len(planned)
    assert all(part > 0 for part in cut)


def test_a_budget_keeps_its_sum_and_changes_something() -> None:
    rules.require_budget([Decimal(3), Decimal(1)], [Decimal(1), Decimal(3)])
    for after in ([Decimal(3), Decimal(1)], [Decimal(3), Decimal(2)], [Decimal(5), Decimal(-1)]):
        with pytest.raises(Invalid):
            rules.require_budget([Decimal(3), Decimal(1)], after)


def test_a_source_never_has_less_than_was_released_from_it() -> None:
    city = FundSource.CITY
    rules.require_covered({city: Decimal(5)}, {city: Decimal(3)}, {city: Decimal(5)})
    with pytest.raises(Invalid):
        rules.require_covered({city: Decimal(4)}, {city: Decimal(3)}, {city: Decimal(5)})
    with pytest.raises(Invalid):
        rules.require_covered({city: Decimal(2)}, {city: Decimal(3)}, {})


def test_a_required_target_never_falls_below_what_was_asked() -> None:
    asked = Target(Operator.AT_LEAST, Decimal(90), None)
    rules.require_target(asked, Decimal(95), Decimal(90), mandatory=True)
    rules.require_target(asked, Decimal(95), Decimal(80), mandatory=False)
    for value in (Decimal(89), Decimal(95), None):
        with pytest.raises(Invalid):
            rules.require_target(asked, Decimal(95), value, mandatory=True)
