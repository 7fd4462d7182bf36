"""The people of a journey, each in a window of their own, and what is asked of the pages."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Response, ViewportSize, expect

from tests.factories.accounts import PASSWORD
from tests.journeys.running import ThreadClock
from tests.journeys.scene import Scene
from tests.journeys.screen import ScreenBrowser, Screens, kill
from tests.waiting import until

AUTOSAVED = "**/autosave"
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
TABS = 60
"""So many presses of Tab must be enough to come anywhere on a page."""
RULES = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}


class People:
    """Everybody whom one journey needs."""

    def __init__(self, screens: Screens, scene: Scene, clock: ThreadClock) -> None:
        self._screens, self.scene, self.clock = screens, scene, clock
        self._windows: list[ScreenBrowser] = []

    def stranger(self) -> ScreenBrowser:
        """Somebody who is not signed in."""
        window = self._screens.browse()
        window.screen.set_viewport_size(DESK)
        self._windows.append(window)
        return window

    def at(self, email: str) -> ScreenBrowser:
        """A new window of a person, signed in."""
        window = self.stranger()
        window.visit("/sign-in")
        window.act("form:has([name=password])", {"email": email, "password": PASSWORD})
        return window

    def killed_while_typing(
        self, program: str | None, profile: Path, path: str, words: str
    ) -> ScreenBrowser:
        """Type at the end of a comment, without the net, in a browser that is killed then; the same
        reviewer's window in a new one, which finds what the old one had on its disk."""
        killed = self._killable(program, profile)
        killed.visit(path)
        killed.screen.context.set_offline(True)
        comment = killed.screen.locator("[name=comment]")
        comment.press("End")
        comment.press_sequentially(words)
        says(killed, ".saved-state", "Not saved: no connection.")
        kill(profile)
        return self._killable(program, profile)

    def _killable(self, program: str | None, profile: Path) -> ScreenBrowser:
        window = self._screens.killable(program, profile)
        window.visit("/sign-in")
        who = {"email": self.scene.reviewer, "password": PASSWORD}
        window.act("form:has([name=password])", who)
        return window

    def leave(self) -> list[str]:
        """Everybody goes; what their pages complained about."""
        for window in self._windows:
            window.close()
        return [words for window in self._windows for words in window.complaints]


def barriers(window: ScreenBrowser) -> list[str]:
    """What of WCAG 2 A and AA the page on the screen breaks, with the first place of each."""
    found = Axe().run(window.screen, options=RULES).response["violations"]
    return [f"{window.path()} {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def fits(window: ScreenBrowser) -> bool:
    """Whether nobody has to push the page sideways."""
    wide = "() => document.documentElement.scrollWidth <= window.innerWidth"
    return bool(window.screen.evaluate(wide))


def fetched(window: ScreenBrowser, css: str) -> Path:
    """Press a link to a file, and wait for it."""
    with window.screen.expect_download() as download:
        window.screen.locator(css).first.click()
    return download.value.path()


def typed(window: ScreenBrowser, name: str, words: str) -> Response:
    """Type into a field of a page that saves by itself, and wait for its answer."""
    field = window.screen.locator(f"form[data-autosave] [name='{name}']")
    with window.screen.expect_response(AUTOSAVED) as answer:
        field.fill(words[:-2])
        field.press_sequentially(words[-2:])
    return answer.value


def says(window: ScreenBrowser, css: str, words: str) -> None:
    """Wait for words on the page."""
    expect(window.screen.locator(css).first).to_contain_text(words)


STOP = """
async wanted => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const isSeen = () => {
    const box = one.getBoundingClientRect();
    return [box.top + 3, (box.top + box.bottom) / 2, box.bottom - 3].some(height => {
      const over = document.elementFromPoint(box.x + box.width / 2, height);
      return over && (one.contains(over) || over.contains(one));
    });
  };
  const isBody = one === document.body;
  for (let i = 0; i < 60 && !isBody && !isSeen(); i++) await new Promise(requestAnimationFrame);
  const isLost = !isBody && !(isMarked && isSeen());
  return { there: one === wanted, lost: isLost ? one.outerHTML.slice(0, 200) : "" };
}
"""
"""Whether the keyboard is where it is wanted; where it is if nobody sees that, once the window has
scrolled there and nothing that keeps to its foot lies over it."""


def tab_to(window: ScreenBrowser, css: str) -> Locator:
    """Press Tab until the keyboard is there; wherever it stops, one sees it."""
    wanted = window.screen.locator(css).first
    for _ in range(TABS):
        stop = wanted.evaluate(STOP)
        assert not stop["lost"], f"nobody sees that the keyboard is at {stop['lost']}"
        if stop["there"]:
            return wanted
        window.screen.keyboard.press("Tab")
    raise AssertionError(f"{TABS} presses of Tab do not lead to {css} at {window.path()}")


def press(window: ScreenBrowser, css: str) -> None:
    """Go to a button with Tab, and press it with Enter; a question before it is opened with Space."""
    question = f"details:not([open]):has({css}) > summary"
    if window.has(question):
        tab_to(window, question)
        window.screen.keyboard.press("Space")
    tab_to(window, css)
    with window.screen.expect_navigation():
        window.screen.keyboard.press("Enter")


def told(window: ScreenBrowser, words: str) -> None:
    """Wait until the worker has brought news that say this."""

    def has_come() -> bool:
        window.visit("/inbox")
        return any(words in one for one in window.each("main .news__one"))

    until(has_come, f"the news “{words}”", seconds=30)


def launched(chromium: Browser, address: str) -> dict[str, Screens]:
    """Windows in both languages."""
    return {language: Screens(chromium, address, language) for language in ("zh-CN", "en")}


REFETCH = """
form => new Promise(done => {
  document.addEventListener("htmx:afterSettle", () => setTimeout(done), { once: true });
  htmx.trigger(form, "submit");
}).then(() => document.activeElement.getAttribute("href"))
"""


def refetched(window: ScreenBrowser, form: str) -> str:
    """Have htmx fetch what a form asks for; where the link leads that has the focus after it."""
    return str(window.screen.locator(form).evaluate(REFETCH))


def judge(officer: ScreenBrowser, check: str, item: str, verdict: str, remark: str) -> None:
    """Answer one item of the formal check."""
    officer.visit(check)
    said = {"verdict": verdict, "remark": remark}
    officer.act(f'form[action$="/check/items/{item}"]', said)
