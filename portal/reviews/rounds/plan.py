"""The timetable of a round: how many days each step has."""

from dataclasses import asdict, dataclass

from portal.challenges.settings import Settings


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
    late_days: int = 1
    """After it, before officers are told, who extend, excuse or replace."""
    replace_days: int = 5
    """After it, before the next is asked instead."""

    @classmethod
    def of(cls, chosen: Settings) -> "RoundPlan":
        """As the settings of a challenge have it."""
        return cls(
            answer_days=chosen.invite_days,
            remind_days=chosen.answer_remind_days,
            score_days=chosen.review_days,
            score_remind_days=chosen.review_remind_days,
            late_days=chosen.late_days,
            replace_days=chosen.replace_days,
        )

    def kept(self) -> dict[str, int]:
        """As a round keeps it."""
        return asdict(self)
