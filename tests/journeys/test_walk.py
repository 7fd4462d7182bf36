"""The whole way in a real browser, with a real worker, in both languages."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from portal.app import create_app
from portal.cli.demo import MovableClock
from portal.cli.serve import Processes, free_port, wait_until_ready
from portal.config import Settings
from portal.core.db import db
from portal.demo.load import load
from portal.demo.walk.steps import STEPS, walk
from portal.demo.walk.story import AUDITOR, LEADS, OFFICER, PARTNERS, World
from tests.journeys.crawl import problems
from tests.journeys.screen import Screens

pytestmark = pytest.mark.journey
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-background-networking"]
DISTRICT, ADMINISTRATOR = "district@jiebang.example", "admin@jiebang.example"


class ThreadClock(MovableClock):
    """The clock in a thread of its own: Playwright keeps an event loop in the test's."""

    def present(self) -> datetime:
        return self._aside(super().present)

    def move(self, by: timedelta) -> datetime:
        return self._aside(super().move, by)

    def _aside(self, act, *facts):
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(act, *facts).result()


@pytest.fixture
def program():
    """Where the browser is; None is Playwright's own."""
    if os.environ.get("JIEBANG_NO_BROWSER"):
        message = "NO BROWSER could be had: the journeys did not run."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    path = os.environ.get("JIEBANG_CHROMIUM", "")
    return path if path not in ("", "playwright") else None


@pytest.fixture
def chromium(program, running):
    """A browser, started after the portal because it keeps an event loop in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def running(program, servers, new_database, worker_id, tmp_path, monkeypatch):
    """The Procfile's processes on a database of their own; yields the address and the app."""
    port = free_port()
    told = {
        "JIEBANG_ENV": "demo",
        "DATABASE_URL": new_database(f"walk_{worker_id}"),
        "REDIS_URL": servers.redis_url,
        "JIEBANG_STORAGE_URL": f"file://{tmp_path}/files",
        "JIEBANG_VAR": str(tmp_path),
        "JIEBANG_BASE_URL": f"http://127.0.0.1:{port}",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    app = create_app(Settings.from_environment())
    with app.app_context():
        for _ in load():
            pass
    processes = Processes(Path(tmp_path), port)
    processes.start()
    try:
        wait_until_ready(told["JIEBANG_BASE_URL"], processes)
        yield told["JIEBANG_BASE_URL"], app
    finally:
        processes.stop()
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(
    "language",
    [
        pytest.param("zh-CN", marks=pytest.mark.xdist_group("journey in Chinese")),
        pytest.param("en", marks=pytest.mark.xdist_group("journey in English")),
    ],
)
def test_from_challenge_to_accepted_project(running, chromium, language):
    address, app = running
    world = World(Screens(chromium, address, language).browse, ThreadClock(app))
    taken = [step for step, _ in walk(world)]
    assert len(taken) == len(STEPS)
    assert world.registry == "/registry/1"
    people = ("", OFFICER, DISTRICT, *LEADS, *PARTNERS, world.seated[0], AUDITOR, ADMINISTRATOR)
    assert [wrong for one in people for wrong in problems(address, one, language)] == []
