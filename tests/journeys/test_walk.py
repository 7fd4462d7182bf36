"""The whole way with a real worker: in a real browser in Chinese, over plain HTTP in English.

Rendering takes half of the first walk's time; journeys in English have `test_front.py`.
"""

import pytest

from portal.demo.walk.browser import HttpBrowser
from portal.demo.walk.steps import STEPS, walk
from portal.demo.walk.story import AUDITOR, LEADS, OFFICER, PARTNERS, World
from tests.journeys.crawl import problems
from tests.journeys.running import ThreadClock, running_portal, started_browser
from tests.journeys.screen import Screens

pytestmark = pytest.mark.journey
DISTRICT, ADMINISTRATOR = "district@jiebang.example", "admin@jiebang.example"


@pytest.fixture
def running(demonstration, worker_id, tmp_path):
    """The portal with the demonstration's data; its address and the app."""
    settings = demonstration(f"walk_{worker_id}", tmp_path / "files")
    with running_portal(settings, tmp_path) as portal:
        yield portal


def walked(running, browse) -> World:
    """Take every step."""
    _, app = running
    world = World(browse, ThreadClock(app))
    taken = [step for step, _ in walk(world)]
    assert len(taken) == len(STEPS)
    assert world.registry == "/registry/1"
    return world


@pytest.mark.xdist_group("journey in Chinese")
def test_from_challenge_to_accepted_project_in_a_browser_in_chinese(program, running):
    address, _ = running
    with started_browser(program) as chromium:  # after the portal: it keeps an event loop
        world = walked(running, Screens(chromium, address, "zh-CN").browse)
    readers = ("", OFFICER, DISTRICT, *LEADS, *PARTNERS, world.seated[0], AUDITOR, ADMINISTRATOR)
    assert [wrong for one in readers for wrong in problems(address, one, "zh-CN")] == []


@pytest.mark.xdist_group("journey in English")
def test_from_challenge_to_accepted_project_without_javascript_in_english(running):
    address, _ = running
    walked(running, lambda: HttpBrowser(address, "en"))
    readers = ("", OFFICER, LEADS[0])
    assert [wrong for one in readers for wrong in problems(address, one, "en")] == []
