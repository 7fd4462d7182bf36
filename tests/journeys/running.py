"""A running portal for the journeys: the Procfile's processes on a database of their own."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from portal.app import create_app
from portal.cli.demo import MovableClock
from portal.cli.messages import compile_messages
from portal.cli.serve import Processes, free_port, wait_until_ready
from portal.config import Settings
from portal.core.db import db
from tests.journeys.screen import ARGS


class ThreadClock(MovableClock):
    """The clock in a thread of its own: Playwright keeps an event loop in the test's."""

    def present(self) -> datetime:
        return self._aside(super().present)

    def move(self, by: timedelta) -> datetime:
        return self._aside(super().move, by)

    def _aside(self, act, *facts):
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(act, *facts).result()


@contextmanager
def running_portal(
    settings: Settings, folder: Path, fill: Callable[[Flask], object] = lambda _: None
) -> Iterator[tuple[str, Flask]]:
    """Start everything on a database and files after `fill` has written what is to be there; yields
    the address and the app."""
    port = free_port()
    if settings.log_key_file.exists():  # what is there already was signed with it
        (folder / "keys").mkdir(parents=True, exist_ok=True)
        shutil.copy2(settings.log_key_file, folder / "keys")
    told = {
        "JIEBANG_ENV": "demo",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "JIEBANG_STORAGE_URL": settings.storage_url,
        "JIEBANG_VAR": str(folder),
        "JIEBANG_BASE_URL": f"http://127.0.0.1:{port}",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(name, value)
        compile_messages()
        app = create_app(Settings.from_environment())
        processes = Processes(folder, port)
        try:
            with app.app_context():
                fill(app)
            processes.start()
            wait_until_ready(told["JIEBANG_BASE_URL"], processes)
            yield told["JIEBANG_BASE_URL"], app
        finally:
            processes.stop()
            with app.app_context():
                db.engine.dispose()


@contextmanager
def started_browser(program: str | None) -> Iterator[Browser]:
    """A browser; to be started after the portal, because it keeps an event loop in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGS)
        yield browser
        browser.close()
