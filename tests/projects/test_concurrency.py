"""Two at once: a project enters the registry once."""

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.errors import DomainError
from portal.projects.registry import service as registry_service
from portal.projects.registry.models import RegistryEntry
from tests.factories.projects import make_project


def at_once(app: Flask, *acts: Callable[[], None]) -> list[DomainError | None]:
    """Run acts at the same moment, each on a connection of its own."""
    start, outcomes = Barrier(len(acts)), list[DomainError | None]()

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            start.wait(timeout=10)
            try:
                act()
            except DomainError as error:
                outcomes.append(error)
            else:
                outcomes.append(None)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def test_a_project_enters_the_registry_once(app: Flask, session: Session, now: datetime) -> None:
    project_id = make_project(accepted=True).id
    session.commit()

    def enter() -> None:
        registry_service.enter_registry(project_id, now)

    assert at_once(app, enter, enter) == [None, None]
    assert session.scalar(select(func.count()).select_from(RegistryEntry)) == 1
