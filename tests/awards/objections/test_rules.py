"""The life of an objection, its dates, and what an answer has to say."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from portal.awards.objections import rules
from portal.awards.objections.rules import OBJECTION_MOVES, OPEN, Effect, ObjectionState
from portal.core.errors import Invalid, InvalidInput

_O = ObjectionState
TABLE = {
    (_O.RECEIVED, "accept"): _O.EXAMINING,
    (_O.RECEIVED, "refuse"): _O.REFUSED,
    (_O.EXAMINING, "hand_over"): _O.EXAMINING,
    (_O.EXAMINING, "uphold"): _O.UPHELD,
    (_O.EXAMINING, "dismiss"): _O.DISMISSED,
}
BID, OTHER = UUID(int=1), UUID(int=2)
TEXT = "经核实,异议所述情况属实,现将处理意见答复如下。"
FRIDAY = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


def test_the_lifecycle_has_these_moves_and_no_others() -> None:
    assert {(m.state, m.action): m.next for m in OBJECTION_MOVES} == TABLE
    assert {state for state in _O if not OBJECTION_MOVES.is_final(state)} == OPEN


@pytest.mark.parametrize("state", sorted(OPEN))
def test_one_objection_waits_for_its_answer_before_the_next(state: ObjectionState) -> None:
    rules.require_first([_O.DISMISSED, _O.REFUSED])
    with pytest.raises(Invalid):
        rules.require_first([_O.DISMISSED, state])


def test_dates_are_counted_in_working_days_and_the_instant_is_late() -> None:
    form = rules.form_due_at(FRIDAY)
    assert form.isoformat() == "2026-12-02T16:00:00+00:00"
    just_before = form - timedelta(microseconds=1)
    assert not rules.is_late(_O.RECEIVED, FRIDAY, None, just_before)
    assert rules.is_late(_O.RECEIVED, FRIDAY, None, form)
    due = rules.due_at(FRIDAY, 10)
    assert not rules.is_late(_O.EXAMINING, FRIDAY, due, due - timedelta(microseconds=1))
    assert rules.is_late(_O.EXAMINING, FRIDAY, due, due)
    assert not rules.is_late(_O.DISMISSED, FRIDAY, due, due)


@pytest.mark.parametrize(
    ("upheld", "effect", "bid", "texts", "wrong"),
    [
        (False, None, None, (TEXT, TEXT), set()),
        (False, None, None, ("短", TEXT), {"answer"}),
        (False, None, None, (TEXT, " "), {"summary"}),
        (True, None, None, (TEXT, TEXT), {"effect"}),
        (True, Effect.WITHDRAW, None, (TEXT, TEXT), set()),
        (True, Effect.REREVIEW, None, (TEXT, TEXT), set()),
        (True, Effect.REPLACE, None, (TEXT, TEXT), {"bid_id"}),
        (True, Effect.RECHECK, OTHER, (TEXT, TEXT), {"bid_id"}),
        (True, Effect.RECHECK, BID, (TEXT, TEXT), set()),
    ],
    ids=range(9),
)
def test_an_upheld_objection_says_what_follows_and_about_which_bid(
    upheld: bool,
    effect: Effect | None,
    bid: UUID | None,
    texts: tuple[str, str],
    wrong: set[str],
) -> None:
    found: set[str] = set()
    try:
        rules.check_answer(upheld, effect, bid, [BID], *texts)
    except InvalidInput as refusal:
        found = {problem.field for problem in refusal.problems}
    assert found == wrong
