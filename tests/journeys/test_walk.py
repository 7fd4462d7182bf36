"""The whole way in a real browser, with a real worker, in both languages."""

import pytest

from portal.demo.walk.steps import STEPS, walk
from portal.demo.walk.story import AUDITOR, LEADS, OFFICER, PARTNERS, World
from tests.journeys.crawl import problems
from tests.journeys.running import ThreadClock, running_portal, started_browser
from tests.journeys.screen import Screens

pytestmark = pytest.mark.journey
DISTRICT, ADMINISTRATOR = "district@jiebang.example", "admin@jiebang.example"
IN_FULL = "zh-CN"
"""The language in which every reader's pages are opened; in the other those of the first three."""


@pytest.fixture
def running(program, demonstration, worker_id, tmp_path):
    """The portal with the demonstration's data; its address and the app."""
    settings = demonstration(f"walk_{worker_id}", tmp_path / "files")
    with running_portal(settings, tmp_path) as portal:
        yield portal


@pytest.fixture
def chromium(program, running):
    """A browser, started after the portal."""
    with started_browser(program) as browser:
        yield browser


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
    readers = people if language == IN_FULL else people[:3]
    assert [wrong for one in readers for wrong in problems(address, one, language)] == []
