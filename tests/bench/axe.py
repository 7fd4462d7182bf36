"""Every page that the demonstration's data has, as each role sees it, looked at by axe.

    ./run bench axe

Each kind of page is opened once by each reader, in Chinese at 1280 pixels and with all that unfolds
unfolded: nothing of WCAG 2 A and AA may be broken. Then at 640 pixels, as at 200 % zoom, and at 320, as
WCAG has it for reflow: nothing but a table may scroll sideways. Each kind of form that requires something
is sent without it, once: it has to be refused, to say what is wrong with the focus on it, and is looked
at in the same way.
"""

import os
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize
from rich.console import Console

from tests.journeys.crawl import ALIKE, KEYS, LINKS, target_of
from tests.journeys.running import started_browser
from tests.journeys.shown import shown

READERS = (
    "",
    "city@jiebang.example",
    "district@jiebang.example",
    "lead@jiebang.example",
    "partner@jiebang.example",
    "reviewer@jiebang.example",
    "auditor@jiebang.example",
    "custodian@jiebang.example",
    "admin@jiebang.example",
)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
WIDTHS = 640, 320
TALL = 800
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = 200
SOON_MS = 2_000
BAD_REQUEST, BROKEN = 400, 500
DUE = "[aria-required=true]:not(select:not(:has(option[value=''])))"
FORMS = f"""
() => [...document.querySelectorAll("form[method=post]")]
  .filter(form => form.querySelector("{DUE}") && !form.hasAttribute("hx-post"))
  .map(form => form.getAttribute("action") || location.pathname)
"""
SEND_EMPTY = """
([action, due]) => {
  const form = [...document.querySelectorAll("form[method=post]")]
    .find(one => (one.getAttribute("action") || location.pathname) === action);
  form.querySelectorAll(due).forEach(field => {
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = false;
    else if (field.tagName !== "FIELDSET") field.value = "";
    field.querySelectorAll("input").forEach(one => { one.checked = false; });
  });
  form.requestSubmit(form.querySelector("button[type=submit]:not([formnovalidate])"));
}
"""
FOCUSED = "document.activeElement.matches('.error-summary')"


def problems(browser: Browser, address: str, email: str, sent: set[str]) -> Iterator[str]:
    """What is wrong with the pages that this person reaches; `sent` are the kinds of forms that others
    have sent already, and takes those of this one."""
    context = browser.new_context(
        viewport=ViewportSize(width=1280, height=TALL), locale="zh-CN", base_url=address
    )
    page = context.new_page()
    if email:
        page.goto("/sign-in")
        page.locator(f"button[name=person][value='{email}']").click()
        page.wait_for_load_state()
    seen, kinds, waiting = {"/"}, Counter[str](), deque(["/"])
    while waiting:
        path = waiting.popleft()
        asked = context.request.get(path)
        if "text/html" not in asked.headers.get("content-type", ""):
            continue
        page.goto(path)
        found = [*_wrong(page), *_wrong_when_refused(page, path, sent)]
        yield from (f"{email or 'a stranger'} {path} {wrong}" for wrong in found)
        for link in LINKS.findall(asked.text()):
            target = target_of(path, unescape(link))
            kind = KEYS.sub("*", target.split("?")[0])
            is_page = target.startswith("/") and not target.startswith("/static/")
            if is_page and target not in seen and kinds[kind] < ALIKE:
                seen.add(target)
                kinds[kind] += 1
                waiting.append(target)
    context.close()


def _wrong(page: Page) -> Iterator[str]:
    page.evaluate(UNFOLD)
    for one in Axe().run(page, options=RULES).response["violations"]:
        for node in one["nodes"][:2]:
            yield f"{one['id']}: {node['html'][:SHOWN]}"
    for width in WIDTHS:
        page.set_viewport_size(ViewportSize(width=width, height=TALL))
        if (over := int(page.evaluate(SIDEWAYS))) > 0:
            yield f"scrolls {over} px sideways at {width}"
    page.set_viewport_size(ViewportSize(width=1280, height=TALL))


def _wrong_when_refused(page: Page, path: str, sent: set[str]) -> Iterator[str]:
    for action in page.evaluate(FORMS):
        kind = KEYS.sub("*", action.split("?")[0])
        if kind in sent:
            continue
        sent.add(kind)
        page.goto(path)
        with page.expect_navigation() as answer:
            page.evaluate(SEND_EMPTY, [action, DUE])
        if not BAD_REQUEST <= answer.value.status < BROKEN:
            yield f"{kind}, empty: {answer.value.status}"
        elif not _holds_soon(page, FOCUSED):
            yield f"{kind}, empty: what is wrong has not the focus"
        yield from (f"{kind}, refused: {wrong}" for wrong in _wrong(page))


def _holds_soon(page: Page, condition: str) -> bool:
    """Whether something comes true; browsers give the focus a moment after the page."""
    try:
        page.wait_for_function(condition, timeout=SOON_MS)
    except TimeoutError:
        return False
    return True


def main() -> None:
    """Look at everything, and print what is wrong."""
    program = os.environ.get("JIEBANG_CHROMIUM", "")
    path = program if program not in ("", "playwright") else None
    at = os.environ.get("JIEBANG_PAGES_AT")
    if at:
        found = look(path, at)
    else:
        with shown("axe") as address:
            found = look(path, address)
    raise SystemExit(1 if found else 0)


def look(program: str | None, address: str) -> int:
    """How much is wrong."""
    found, console, sent = 0, Console(soft_wrap=True), set[str]()
    with started_browser(program) as browser:
        for email in READERS:
            for wrong in problems(browser, address, email, sent):
                found += 1
                console.print(wrong, markup=False, highlight=False)
            console.print(f"{email or 'a stranger'}: done", highlight=False)
    console.print(f"{found} in all.")
    return found


if __name__ == "__main__":
    main()
