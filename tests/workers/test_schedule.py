"""What happens by the clock: every chore has its pace, runs, and may run again."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from workers import schedule


def test_every_chore_has_its_pace_and_every_pace_its_chore() -> None:
    written = {
        name
        for name, made in vars(schedule).items()
        if getattr(made, "__module__", "") == schedule.__name__ and callable(made)
    }
    assert written == set(schedule.CHORES) == set(schedule.SECONDS) == set(schedule.SCHEDULE)


@pytest.mark.parametrize("name", schedule.CHORES)
def test_a_chore_with_nothing_to_do_does_nothing_twice(
    session: Session, now: datetime, name: str
) -> None:
    for _ in range(2):
        schedule.CHORES[name](now)
