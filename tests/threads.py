"""Acts at the same moment, each in a thread with a database connection of its own."""

from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask

from portal.core.errors import DomainError

PATIENCE = 60
"""Seconds after which a test gives up; nothing is decided by it."""


def at_once(app: Flask, *acts: Callable[[], object]) -> list[DomainError | None]:
    """What became of each act: None, or the refusal; any other error is raised here."""
    start = Barrier(len(acts))
    outcomes: list[BaseException | None] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(timeout=PATIENCE)
            try:
                act()
            except BaseException as error:
                outcomes[place] = error

    threads = [Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    refusals: list[DomainError | None] = []
    for outcome in outcomes:
        if outcome is not None and not isinstance(outcome, DomainError):
            raise outcome
        refusals.append(outcome)
    return refusals
