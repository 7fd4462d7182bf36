"""The pictures of README and guides, from the demonstration's data: every role, both languages, wide and
on a phone.

    ./run shots [NAME ...]

They are written to docs/images as NAME-LANGUAGE-WIDTH.webp.
"""

import base64
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize
from rich.console import Console

from portal.config import ROOT
from portal.demo.reading import data
from tests.journeys.running import started_browser
from tests.journeys.shown import shown

FOLDER = ROOT / "docs" / "images"
QUALITY = 72
MOST = 6_000_000
"""Bytes of all pictures together."""
SIZES = {"wide": ViewportSize(width=1280, height=800), "phone": ViewportSize(width=390, height=844)}
LANGUAGES = "zh", "en"
OFFICER, LEAD, REVIEWER = "city@jiebang.example", "lead@jiebang.example", "reviewer@jiebang.example"
PARTNER = "partner@jiebang.example"
AUDITOR, CUSTODIAN = "auditor@jiebang.example", "custodian@jiebang.example"
ADMINISTRATOR = "admin@jiebang.example"
EXPERTS = tuple(one["email"] for one in data("people")["people"] if "reviewer" in one)
OPEN_SHEET = "tr:has-text('0 / ') a[href^='/seats/']", "main a[href^='/sheets/']"
REVIEWED, AWARDED = "BJ-JB-2026-HP-001", "BJ-JB-2025-SM-001"
AMENDED, SEALED = "SJS-JB-2026-001", "BJ-JB-2026-MF-001"
"""Challenges of the demonstration: one in review, one whose projects run; one that was amended, one whose
bids wait to be opened."""


@dataclass(frozen=True)
class Shot:
    """A page of somebody's: its name, whose, where, and the links that lead on from there."""

    name: str
    who: str
    path: str
    onward: tuple[str, ...] = ()
    has: str = ""
    """What the page must show."""
    or_whose: tuple[str, ...] = ()
    """Others to look at when it is not there for the first: a draw decides who has a sheet."""


SHOTS = (
    Shot("home", "", "/"),
    Shot("list", "", "/challenges"),
    Shot("challenge", "", "/challenges?stage=open", (".board__title a",)),
    Shot("amendment", "", f"/challenges/{AMENDED}/amendments/1"),
    Shot("notice", "", "/notices", ("main a[href^='/notices/']",)),
    Shot("registry", "", "/registry"),
    Shot("result", "", "/registry", ("main a[href^='/registry/']",)),
    Shot("cluster", "", "/clusters", ("main a[href^='/clusters/']",)),
    Shot("proof", "", "/log"),
    Shot("desk", OFFICER, "/desk"),
    Shot("needs", OFFICER, "/desk/needs"),
    Shot("opening", OFFICER, f"/challenges/{SEALED}/opening"),
    Shot("round", OFFICER, f"/challenges/{REVIEWED}/round"),
    Shot("ranking", OFFICER, f"/challenges/{AWARDED}/ranking"),
    Shot("project", OFFICER, "/projects", ("main a[href^='/projects/']",)),
    Shot("board", OFFICER, "/boards", ("main a[href^='/boards/']",)),
    Shot("bid", LEAD, "/bids", ("main a[href^='/bids/']",)),
    Shot("receipt", LEAD, "/bids", ("main a[href^='/bids/']", "main a[href$='/receipt']")),
    Shot("need", PARTNER, "/needs", ("main a[href^='/needs/']",)),
    Shot("expertise", REVIEWER, "/expertise"),
    Shot("reviews", REVIEWER, "/reviews", has=OPEN_SHEET[0], or_whose=EXPERTS),
    Shot("sheet", REVIEWER, "/reviews", OPEN_SHEET, or_whose=EXPERTS),
    Shot("log", AUDITOR, "/log/entries"),
    Shot("shares", CUSTODIAN, "/desk/shares"),
    Shot("people", ADMINISTRATOR, "/people"),
)


def taken(browser: Browser, address: str, shots: list[Shot]) -> Iterator[tuple[Path, bytes]]:
    """Each picture with the file that it belongs to."""
    for language in LANGUAGES:
        for width, size in SIZES.items():
            for who, theirs in groupby(shots, key=lambda one: one.who):
                context = browser.new_context(
                    viewport=size, locale="zh-CN" if language == "zh" else "en", base_url=address
                )
                page = context.new_page()
                if who:
                    _enter(page, who)
                for shot in theirs:
                    if _has_come(page, shot) or _has_come_to_another(page, shot):
                        name = f"{shot.name}-{language}-{width}.webp"
                        yield FOLDER / name, _picture(page)
                context.close()


def _enter(page: Page, who: str) -> None:
    """With one click, if they are among those who are offered; else with the password."""
    page.goto("/sign-in")
    offered = page.locator(f"button[name=person][value='{who}']")
    if offered.count():
        offered.click()
    else:
        page.locator("[name=email]").fill(who)
        page.locator("[name=password]").fill(data("people")["password"])
        page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_load_state()


def _has_come_to_another(page: Page, shot: Shot) -> bool:
    """Go there as one after the other; whether anybody has it today."""
    for who in shot.or_whose:
        page.context.clear_cookies()
        _enter(page, who)
        if _has_come(page, shot):
            return True
    return False


def _has_come(page: Page, shot: Shot) -> bool:
    """Go to a page; whether the demonstration has it today."""
    page.goto(shot.path)
    for link in shot.onward:
        if not page.locator(link).count():
            if not shot.or_whose:
                told = f"{shot.name}: no link {link} at {page.url}"
                Console(stderr=True).print(told, markup=False)
            return False
        page.locator(link).first.click()
        page.wait_for_load_state()
    page.wait_for_function("document.fonts.ready.then(() => true)")
    return not shot.has or bool(page.locator(shot.has).count())


def _picture(page: Page) -> bytes:
    """What the window shows; Playwright itself writes only formats that are several times larger."""
    session = page.context.new_cdp_session(page)
    told = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    session.detach()
    return base64.b64decode(told["data"])


def main() -> None:
    """Take those that are named, or all."""
    wanted = [shot for shot in SHOTS if not sys.argv[1:] or shot.name in sys.argv[1:]]
    FOLDER.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("JIEBANG_CHROMIUM", "")
    where = os.environ.get("JIEBANG_SHOTS_AT")
    path = program if program not in ("", "playwright") else None
    if where:
        _take(path, where, wanted)
    else:
        with shown("shots") as address:
            _take(path, address, wanted)


def _take(program: str | None, address: str, shots: list[Shot]) -> None:
    console = Console()
    with started_browser(program) as browser:
        for file, picture in taken(browser, address, shots):
            file.write_bytes(picture)
            console.print(f"{file.name}: {len(picture) // 1000} KB", highlight=False)
    total = sum(one.stat().st_size for one in FOLDER.glob("*.webp"))
    console.print(f"{total // 1000} KB in all; at most {MOST // 1000} KB.")
    if total > MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
