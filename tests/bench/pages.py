"""The public pages as somebody with a slow phone sees them.

    ./run bench pages

Each is opened in a fresh browser without anything kept, on a line of 1.6 Mbit/s with 150 ms to and fro
("Fast 3G") and a processor four times slower; five times, of which the median counts. Measured are the
first view (first contentful paint), how far the page jumped (cumulative layout shift), and what came over
the line. What is opened again must come from what the browser kept.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize
from rich.console import Console
from rich.table import Table

from tests.journeys.running import started_browser
from tests.journeys.shown import shown

PHONE = ViewportSize(width=390, height=844)
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
TIMES = 5
FIRST_VIEW_MS, SHIFT = 1_000, 0.0
PAGES = {
    "front page": "/",
    "list": "/challenges",
    "a challenge": "/challenges#.board__title a",
    "calls": "/calls",
    "clusters": "/clusters",
    "a cluster": "/clusters#main a[href^='/clusters/']",
    "notices": "/notices",
    "registry": "/registry",
    "search": "/search?words=机器人",
    "guide": "/guide/bidder",
    "sign in": "/sign-in",
    "log": "/log",
}
WATCH = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint').length > 0"
READ = """
() => ({
  view: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  shifted: window.shifted,
  bytes: performance.getEntriesByType("resource").reduce((sum, one) => sum + one.transferSize,
    performance.getEntriesByType("navigation")[0].transferSize),
  again: performance.getEntriesByType("resource").filter(one => one.transferSize > 0).length,
})
"""


@dataclass(frozen=True)
class Seen:
    """What one opening of a page was like: milliseconds, share of the window, bytes, files fetched."""

    view: float
    shifted: float
    bytes: int
    again: int


def throttled(page: Page) -> CDPSession:
    """Make a window as slow as it is meant to be."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def opened(browser: Browser, address: str, path: str) -> tuple[Seen, Seen]:
    """A page at its first sight, and once more."""
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        throttled(page)
        return _seen(page, address + path), _seen(page, address + path)
    finally:
        context.close()


def _seen(page: Page, url: str) -> Seen:
    page.goto(url, wait_until="networkidle")
    page.wait_for_function(PAINTED)
    return Seen(**page.evaluate(READ))


def paths(browser: Browser, address: str) -> Iterator[tuple[str, str]]:
    """Where each page is; some are found on another."""
    page = browser.new_page()
    for name, told in PAGES.items():
        path, _, link = told.partition("#")
        if link:
            page.goto(address + path)
            path = page.locator(link).first.get_attribute("href") or path
        yield name, path
    page.close()


def main() -> None:
    """Measure, and print."""
    program = os.environ.get("JIEBANG_CHROMIUM", "")
    path = program if program not in ("", "playwright") else None
    at = os.environ.get("JIEBANG_PAGES_AT")
    if at:
        measure(path, at)
    else:
        with shown("pages") as address:
            measure(path, address)


def measure(program: str | None, address: str) -> None:
    """Open every page."""
    table = Table(title=f"First view at most {FIRST_VIEW_MS} ms, nothing jumps, load {load()}")
    for heading in ("page", "first view ms", "again ms", "jumped", "KB", "files again"):
        table.add_column(heading, justify="left" if heading == "page" else "right")
    slow = []
    with started_browser(program) as browser:
        for name, path in paths(browser, address):
            found = [opened(browser, address, path) for _ in range(TIMES)]
            view, again = (median(one[i].view for one in found) for i in range(2))
            shifted = max(one[0].shifted for one in found)
            kept = max(one[1].again for one in found)
            size = median(one[0].bytes for one in found) / 1000
            row = f"{view:.0f}", f"{again:.0f}", f"{shifted:.3f}", f"{size:.0f}", str(kept)
            table.add_row(name, *row)
            if view > FIRST_VIEW_MS or shifted > SHIFT or kept:
                slow.append(name)
    Console().print(table)
    Console().print("All hold." if not slow else f"Not: {', '.join(slow)}")


def load() -> str:
    """How busy the machine was."""
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
