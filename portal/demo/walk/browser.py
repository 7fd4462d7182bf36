"""What a person of the walk does with a page; and the same without a screen, over plain HTTP."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from mechanicalsoup import StatefulBrowser
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

Value = str | bool | Path | Sequence[str]
"""What is put into a field: text or an option's label, a tick, a file, or the boxes to tick."""
OK = 200
TIMEOUT_SECONDS = 30


class WalkError(Exception):
    """A step of the walk did not hold; one sentence."""


class Browser(ABC):
    """One person's browser; paths are those of the portal, forms and fields are CSS and names."""

    @abstractmethod
    def open(self, path: str) -> int:
        """Open a page and return its HTTP status."""

    @abstractmethod
    def send(self, form: str, values: Mapping[str, Value], button: str | None = None) -> int:
        """Fill and send a form; `button` is the name of the one pressed. Raises WalkError."""

    @abstractmethod
    def page(self) -> BeautifulSoup:
        """The page that is open."""

    @abstractmethod
    def path(self) -> str:
        """The address of the page that is open, without the site."""

    @abstractmethod
    def close(self) -> None:
        """Leave."""

    def visit(self, path: str) -> None:
        """Open a page that must be there. Raises WalkError."""
        status = self.open(path)
        if status != OK:
            raise WalkError(f"{path} answered {status}: {self.words('main')[:200]}")

    def act(self, form: str, values: Mapping[str, Value], button: str | None = None) -> str:
        """Send a form that must be taken, and return what the page says about it."""
        status = self.send(form, values, button)
        if status != OK or self.has(".error-summary"):
            told = self.words(".error-summary") or self.words("main")
            raise WalkError(f"{form} at {self.path()} answered {status}: {told[:400]}")
        return self.words(".flashes")

    def grow(self, form: str, group: str, rows: int) -> None:
        """Press "add a row" until a table has so many."""
        while not self.has(f'{form} [name^="{group}-{rows - 1}-"]'):
            self.send(form, {}, button=f"add_{group}")

    def has(self, css: str) -> bool:
        """Whether something is on the page."""
        return self.page().select_one(css) is not None

    def words(self, css: str) -> str:
        """The words of the first such element, in one line; empty when there is none."""
        found = self.page().select_one(css)
        return " ".join(found.get_text(" ").split()) if found else ""

    def each(self, css: str) -> list[str]:
        """The words of every such element."""
        return [" ".join(tag.get_text(" ").split()) for tag in self.page().select(css)]

    def values(self, css: str, attribute: str) -> list[str]:
        """One attribute of every such element."""
        return [str(tag[attribute]) for tag in self.page().select(css) if tag.has_attr(attribute)]

    def link(self, start: str) -> str:
        """The first link that begins like this. Raises WalkError."""
        found = self.values(f'a[href^="{start}"]', "href")
        if not found:
            raise WalkError(f"{self.path()} has no link to {start}…")
        return found[0]


class HttpBrowser(Browser):
    """A browser without a screen and without JavaScript."""

    def __init__(self, base_url: str, language: str) -> None:
        self._base = base_url
        # A server may close an idle connection just as it is used again: reading is then repeated.
        again = HTTPAdapter(max_retries=Retry(2, allowed_methods=["GET"], raise_on_status=False))
        self._soup = StatefulBrowser(
            soup_config={"features": "lxml"},
            requests_adapters={"http://": again, "https://": again},
        )
        self._soup.session.trust_env = False  # the portal is on this machine: no proxy
        self._soup.session.headers["Accept-Language"] = language

    def open(self, path: str) -> int:
        """Open a page and return its HTTP status."""
        return int(self._soup.open(self._base + path, timeout=TIMEOUT_SECONDS).status_code)

    def send(self, form: str, values: Mapping[str, Value], button: str | None = None) -> int:
        """Fill and send a form. Raises WalkError when the page has no such form or field."""
        if not self.has(form):
            raise WalkError(f"{self.path()} has no form {form}: {self.words('main')[:200]}")
        chosen = self._soup.select_form(form)
        with ExitStack() as files:
            for name, value in values.items():
                if isinstance(value, Path):
                    chosen.set(name, files.enter_context(value.open("rb")))
                elif isinstance(value, str) or value is True:
                    chosen.set(name, value)
                else:
                    chosen.uncheck_all(name)
                    if value:
                        chosen.check({name: value})
            press = button if button is not None else False
            answer = self._soup.submit_selected(press, timeout=TIMEOUT_SECONDS)
        return int(answer.status_code)

    def page(self) -> BeautifulSoup:
        """The page that is open."""
        page = self._soup.page
        return page if page is not None else BeautifulSoup("", "lxml")

    def path(self) -> str:
        """The address of the page that is open, without the site."""
        return urlsplit(self._soup.url or "").path

    def close(self) -> None:
        """Leave."""
        self._soup.close()
