"""Who walks, what they know on the way, and how time passes for them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from portal.demo.reading import DATA, data
from portal.demo.walk.browser import Browser, WalkError

PATIENCE_SECONDS = 45
"""How long the worker may take for a task before the walk gives up."""
OFFICER = "city@jiebang.example"
SECOND = "city2@jiebang.example"
DISTRICT = "district@jiebang.example"
AUDITOR = "auditor@jiebang.example"
LEADS = ("lead@jiebang.example", "lead2@jiebang.example")
PARTNERS = ("partner@jiebang.example", "partner2@jiebang.example")
CUSTODIANS = {1: SECOND, 2: AUDITOR, 3: "custodian@jiebang.example"}
PUBLIC = "public"
NEVER = datetime.max.replace(tzinfo=UTC)


class Clock(Protocol):
    """The portal's clock, which the walk may move forward."""

    def present(self) -> datetime:
        """The portal's time."""

    def move(self, by: timedelta) -> datetime:
        """Move it forward and return the new time."""


@dataclass
class World:
    """Everything that the steps share; what one finds, later ones use."""

    browse: Callable[[str], Browser]
    """Gives a browser to the person with this address."""
    clock: Clock
    code: str = ""
    draft: str = ""
    proposal: str = ""
    amendment: str = ""
    receipts: dict[str, str] = field(default_factory=dict)
    """Where the receipt of each lead is checked."""
    shares: dict[int, str] = field(default_factory=dict)
    closes_at: datetime = NEVER
    bids: dict[str, str] = field(default_factory=dict)
    seated: list[str] = field(default_factory=list)
    objection: str = ""
    project: str = ""
    examining: list[str] = field(default_factory=list)
    """The experts of the acceptance, the chair first."""
    report: str = ""
    registry: str = ""
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def at(self, email: str) -> Browser:
        """The browser of a person, signed in; of the public, signed out. Raises WalkError."""
        if email not in self._browsers:
            browser = self.browse(email)
            self._browsers[email] = browser
            if email != PUBLIC:
                browser.visit("/sign-in")
                browser.act("form:has([name=password])", {"email": email, "password": password()})
        return self._browsers[email]

    def forward(self, by: timedelta) -> datetime:
        """Let time pass; people have gone home meanwhile and sign in again."""
        self.close()
        return self.clock.move(by)

    def close(self) -> None:
        """Everybody leaves."""
        for browser in self._browsers.values():
            browser.close()
        self._browsers.clear()

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait for the worker. Raises WalkError when it takes too long."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > end:
                raise WalkError(f"Not within {PATIENCE_SECONDS} s: {what}")
            time.sleep(0.1)


def password() -> str:
    """The one password of the demonstration's accounts."""
    return str(data("people")["password"])


def text() -> Any:
    """What is typed on the walk."""
    return data("walk")


def attachment(name: str) -> Path:
    """A file that is handed in on the walk."""
    return DATA / name


def name_of(email: str) -> str:
    """The person behind an address."""
    if email == PUBLIC:
        return "the public"
    people = {person["email"]: person["name"] for person in data("people")["people"]}
    return str(people.get(email, email))


def emails_of(names: list[str]) -> list[str]:
    """The addresses behind names."""
    people = {person["name"]: person["email"] for person in data("people")["people"]}
    return [str(people[name]) for name in names if name in people]
