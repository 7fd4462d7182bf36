"""The timetable of a round: how many days each step has."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class RoundPlan:
    """Days, counted as calendar days from the instant that a step begins."""

    answer_days: int = 3
    """To answer an invitation; then the next is asked."""
    remind_days: int = 1
    """Before that ends, a reminder."""
    score_days: int = 10
    """To hand in the sheets."""
    score_remind_days: int = 3
    """Before that ends, a reminder."""
    late_days: int = 2
    """After it, before officers are told to extend or to replace."""

    def kept(self) -> dict[str, int]:
        """As a round keeps it."""
        return asdict(self)
