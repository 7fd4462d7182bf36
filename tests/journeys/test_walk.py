"""The whole way with a real worker: in a real browser in Chinese, over plain HTTP in English.

Rendering takes half of the first walk's time, so only the first person of each role has a screen, and
the owner of the scenario; those who do the same after them have none. Journeys in English:
`test_front.py`.
"""

from collections.abc import Callable

import pytest

from portal.demo.reading import data
from portal.demo.walk.browser import Browser, HttpBrowser
from portal.demo.walk.contracting import OWNER
from portal.demo.walk.steps import STEPS, walk
from portal.demo.walk.story import AUDITOR, DISTRICT, LEADS, OFFICER, PARTNERS, World
from tests.journeys.crawl import problems
from tests.journeys.running import ThreadClock, running_portal, started_browser
from tests.journeys.screen import Screens

pytestmark = pytest.mark.journey
ADMINISTRATOR = "admin@jiebang.example"


@pytest.fixture
def running(demonstration, worker_id, tmp_path):
    """The portal with the demonstration's data; its address and the app."""
    settings = demonstration(f"walk_{worker_id}", tmp_path / "files")
    with running_portal(settings, tmp_path) as portal:
        yield portal


def firsts(screens: Screens, address: str) -> Callable[[str], Browser]:
    """A window for the first person of each role, in the order in which they come, and the owner."""
    roles = {person["email"]: tuple(person["roles"]) for person in data("people")["people"]}
    first: dict[tuple[str, ...], str] = {}

    def browse(email: str) -> Browser:
        alone = first.setdefault(roles.get(email, ()), email) == email
        return screens.browse() if alone or email == OWNER else HttpBrowser(address, "zh-CN")

    return browse


def walked(running, browse) -> World:
    """Take every step."""
    _, app = running
    world = World(browse, ThreadClock(app))
    taken = [step for step, _ in walk(world)]
    assert len(taken) == len(STEPS)
    assert world.registry.removeprefix("/registry/").isdigit()
    return world


@pytest.mark.xdist_group("journey in Chinese")
def test_from_challenge_to_accepted_project_in_a_browser_in_chinese(program, running):
    address, _ = running
    with started_browser(program) as chromium:  # after the portal: it keeps an event loop
        world = walked(running, firsts(Screens(chromium, address, "zh-CN"), address))
    readers = (
        "",
        OFFICER,
        DISTRICT,
        LEADS[0],
        PARTNERS[0],
        world.seated[0],
        AUDITOR,
        ADMINISTRATOR,
    )
    assert [wrong for one in readers for wrong in problems(address, one, "zh-CN")] == []


@pytest.mark.xdist_group("journey in English")
def test_from_challenge_to_accepted_project_without_javascript_in_english(running):
    address, _ = running
    walked(running, lambda _: HttpBrowser(address, "en"))
    readers = (OFFICER, LEADS[1], PARTNERS[1])
    assert [wrong for one in readers for wrong in problems(address, one, "en")] == []
