"""A person of the walk in a real browser: the same acts as over plain HTTP, with JavaScript."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Response, TimeoutError

from portal.demo.walk.browser import Browser, Value, WalkError

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-background-networking"]
BUTTON = "button[type=submit]:not([formnovalidate]):not([name])"
REFUSED = "Failed to load resource"
"""How Chromium begins what it says of an answer that is no success; those are the portal's own."""
BROKEN = 500
WORDS = """
elements => elements.map(element => {
  const words = [];
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    if (!nodes.currentNode.parentElement.closest("script, style, template")) {
      words.push(nodes.currentNode.data);
    }
  }
  return words.join(" ").split(/\\s+/).filter(Boolean).join(" ");
})
"""
"""What the page says; asked in the browser, because reading the whole page takes longer."""
ATTRIBUTES = """
(elements, name) => elements.filter(one => one.hasAttribute(name)).map(one => one.getAttribute(name))
"""
TYPE = """
(form, values) => Object.entries(values).filter(([name, value]) => {
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!field || field.disabled || !field.checkVisibility()) return true;
  const plain = ["text", "email", "password", "number", "search", "tel", "date", "datetime-local"];
  if (field.tagName !== "TEXTAREA" && !plain.includes(field.type)) return true;
  field.focus();
  field.value = value;
  if (field.value.replace(/\\r/g, "") !== value.replace(/\\r/g, "")) return true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return false;
}).map(([name]) => name)
"""
"""Fills the texts of a form at once and returns the fields that need another way; typing them one
after the other, as `tests/journeys/test_front.py` does, takes most of the walk's time."""


SETTLED = """
() => document.querySelector("[autofocus]")
  && new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
"""
"""A page goes to the field that has its focus when it is first drawn: a click that comes in between would
be lost, as the button moves away under it."""
PATIENCE = 20_000
"""Milliseconds after which a person presses a button again."""


class Screens:
    """Windows of one Chromium; one that was left is given to the next person without its cookies,
    but with its styles and scripts still in the cache."""

    def __init__(self, chromium: Chromium, base_url: str, language: str) -> None:
        self._chromium, self._base, self._language = chromium, base_url, language
        self._left: list[Page] = []

    def browse(self) -> "ScreenBrowser":
        """A window for somebody who is not signed in."""
        if self._left:
            page = self._left.pop()
            page.context.clear_cookies()
        else:
            page = self._chromium.new_context(locale=self._language).new_page()
        return ScreenBrowser(page, self._base, self._left.append)

    def killable(self, program: str | None, profile: Path) -> "ScreenBrowser":
        """A window of a Chromium of its own, which keeps what it keeps in a folder."""
        launch = self._chromium.browser_type.launch_persistent_context
        context = launch(profile, executable_path=program, args=ARGS, locale=self._language)
        return ScreenBrowser(context.pages[0], self._base, lambda page: page.context.close())


def kill(profile: Path) -> None:
    """End a Chromium as a loss of power would, by the folder that is its own."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in told:
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


class ScreenBrowser(Browser):
    """One person's window; a script that fails, something that the page's own policy forbids, and
    an answer that the server could not give are errors of the walk."""

    def __init__(self, page: Page, base_url: str, leave: Callable[[Page], None]) -> None:
        self._base, self._page, self._leave = base_url, page, leave
        self.complaints: list[str] = []
        page.on("pageerror", self._note)
        page.on("console", self._hear)
        page.on("response", self._look)
        page.on("dialog", self._agree)

    @property
    def screen(self) -> Page:
        """What stands on the screen, for acts that are not forms."""
        return self._page

    def another(self) -> "ScreenBrowser":
        """A second window of the same person, with the same cookies."""
        return ScreenBrowser(self._page.context.new_page(), self._base, Page.close)

    def open(self, path: str) -> int:
        """Open a page and return its HTTP status."""
        answer = self._page.goto(self._base + path)
        self._listen()
        return answer.status if answer else 0

    def send(self, form: str, values: Mapping[str, Value], button: str | None = None) -> int:
        """Fill and send a form. Raises WalkError when the page has no such form."""
        self._page.wait_for_load_state()
        found = self._page.locator(form).first
        if not found.count():
            raise WalkError(f"{self.path()} has no form {form}: {self.words('main')[:200]}")
        found.evaluate("form => { const box = form.closest('details'); if (box) box.open = true; }")
        typed = {name: value for name, value in values.items() if isinstance(value, str)}
        for name in found.evaluate(TYPE, typed):
            del typed[name]
        for name, value in values.items():
            if name not in typed:
                self._fill(found, name, value)
        press = f'button[name="{button}"]' if button else BUTTON
        try:
            answer = self._press(found.locator(press).first, PATIENCE)
        except TimeoutError:
            answer = self._press(found.locator(press).first)
        self._listen()
        return answer.status if answer else 0

    def _press(self, button: Locator, patience: float | None = None) -> Response | None:
        self._page.evaluate(SETTLED)
        with self._page.expect_navigation(wait_until="commit", timeout=patience) as answer:
            button.click()
        self._page.wait_for_load_state()
        return answer.value

    def _fill(self, form: Locator, name: str, value: Value) -> None:
        field = form.locator(f'[name="{name}"]').first
        kind = field.evaluate("field => field.tagName === 'SELECT' ? 'select' : field.type")
        if isinstance(value, Path):
            field.set_input_files(value)
        elif kind == "select":
            field.select_option(str(value))
        elif kind in ("radio", "checkbox"):
            for one in [value] if isinstance(value, str) else value:
                form.locator(f'[name="{name}"][value="{one}"]').check()
        else:
            field.fill(str(value))

    def _listen(self) -> None:
        if self.complaints:
            raise WalkError(f"{self.path()}: the page complains: {self.complaints}")

    def has(self, css: str) -> bool:
        """Whether something is on the page."""
        return self._page.locator(css).count() > 0

    def each(self, css: str) -> list[str]:
        """The words of every such element."""
        return [str(words) for words in self._page.locator(css).evaluate_all(WORDS)]

    def words(self, css: str) -> str:
        """The words of the first such element, in one line; empty when there is none."""
        return next(iter(self.each(css)), "")

    def values(self, css: str, attribute: str) -> list[str]:
        """One attribute of every such element."""
        found = self._page.locator(css).evaluate_all(ATTRIBUTES, attribute)
        return [str(value) for value in found]

    def page(self) -> BeautifulSoup:
        """The page that is open."""
        return BeautifulSoup(self._page.content(), "lxml")

    def path(self) -> str:
        """The address of the page that is open, without the site."""
        return urlsplit(self._page.url).path

    def close(self) -> None:
        """Leave."""
        self._page.remove_listener("pageerror", self._note)
        self._page.remove_listener("console", self._hear)
        self._page.remove_listener("response", self._look)
        self._page.remove_listener("dialog", self._agree)
        self._leave(self._page)

    def _note(self, error: object) -> None:
        self.complaints.append(str(error))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            self.complaints.append(message.text)

    def _look(self, answer: Response) -> None:
        if answer.status >= BROKEN:
            self.complaints.append(f"{answer.status} {answer.url}")

    def _agree(self, dialog: Dialog) -> None:
        dialog.accept()
