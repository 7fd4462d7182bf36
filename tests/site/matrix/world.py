"""Two sides, everybody who asks, and the pages and forms that they are shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.rules import Level, OrganisationKind
from portal.audit import checkpoints, numbering
from portal.audit.rules import Occasion
from portal.core.files import FileStore
from portal.core.signing import Signer
from tests.factories.accounts import make_city_body, make_organisation
from tests.site.matrix.addresses import further_pages, of_side
from tests.site.matrix.forms import Filled, forms_of
from tests.site.matrix.sides import Side
from tests.site.matrix.table import Cell, cells, expected, turn_of
from tests.site.matrix.visitors import Visitor, visitors

REFUSED = (403, 404)
READERS = "officer who proposed", "second officer", "lead", "drawn reviewer", "custodian"
"""To them belong the forms that no page of the table shows."""


class Page(NamedTuple):
    """What somebody was shown."""

    visitor: str
    path: str
    text: str


class Matrix:
    """Asks what the table names, and keeps what it is shown."""

    def __init__(self, app: Flask, sides: Sequence[Side], now: datetime) -> None:
        self.app, self.sides, self.now = app, sides, now
        self.adapter = app.url_map.bind("localhost")
        self.visitors = visitors(app, *sides)
        self.homes = [of_side(side) for side in sides]
        self.forms: dict[str, Filled] = {}
        self.pages: list[Page] = []

    def cells(self, method: str) -> list[Cell]:
        """Every cell of a method."""
        return list(cells(method, self.homes))

    def known(self, name: str) -> Visitor:
        """A visitor by name."""
        return next(one for one in self.visitors if one.name == name)

    def inside(self, cell: Cell) -> list[Visitor]:
        """Those who are let in, in an order of the cell's own, the same in every run."""
        return [one for one in self._turned(cell) if cell.lets_in(one)]

    def outside(self, cell: Cell) -> list[Visitor]:
        """Those who are not, likewise."""
        return [one for one in self._turned(cell) if not cell.lets_in(one)]

    def _turned(self, cell: Cell) -> list[Visitor]:
        turn = turn_of(cell.endpoint, cell.method, cell.side) % len(self.visitors)
        return [*self.visitors[turn:], *self.visitors[:turn]]

    def ask(self, cell: Cell, visitor: Visitor, **facts: object) -> TestResponse:
        """One request; pages and their forms are kept."""
        path = self.adapter.build(cell.endpoint, cell.values, method=cell.method)
        answer = visitor.ask(self.app, path, cell.method, **facts)
        if cell.method == "GET":
            self._keep(answer, visitor, path)
        return answer

    def _keep(self, answer: TestResponse, visitor: Visitor, path: str) -> None:
        if answer.status_code != 200:
            return
        self.pages.append(Page(visitor.name, path, answer.get_data().decode("utf-8", "replace")))
        if answer.mimetype == "text/html":
            for form in forms_of(self.app, answer.text, path, self.now):
                if form.values in ({}, self.homes[0].get(form.endpoint)):
                    self.forms.setdefault(form.endpoint, form)

    @cached_property
    def misled(self) -> list[str]:
        """Those who were not shown what is theirs, when somebody looked at every page: once for all
        tests, which find the pages and forms kept. Of a reading the portal takes note."""
        found: list[str] = []
        for cell in self.cells("GET"):
            found += self.wrong(cell, self.inside(cell)[:1])
        self._read_further()
        return found

    def _read_further(self) -> None:
        """Look at the pages whose forms are still missing, as those to whom they belong."""
        for endpoint, values in further_pages(self.sides[0]):
            cell = Cell(endpoint, "GET", 0, values, expected()[endpoint, "GET"])
            for reader in map(self.known, READERS):
                if cell.lets_in(reader):
                    self.ask(cell, reader)

    def wrong(self, cell: Cell, asked: Sequence[Visitor], **facts: object) -> Iterator[str]:
        """The answers that are not the expected ones."""
        for visitor in asked:
            answer = self.ask(cell, visitor, **facts)
            if is_in(answer) != cell.lets_in(visitor) or answer.status_code >= 500:
                told = f"{cell.method} {cell.endpoint} of side {cell.side}"
                yield f"{visitor.name}: {told}: {answer.status_code}"


def is_in(answer: TestResponse) -> bool:
    """Whether somebody was let in; what follows is read to its end, as a browser does."""
    away = "/sign-in" in answer.headers.get("Location", "")
    return bool(answer.data is not None) and not away and answer.status_code not in REFUSED


def make_matrix(app: Flask, session: Session, now: datetime) -> Matrix:
    """A city body and a district, and what is theirs."""
    store, signer = app.extensions["portal_files"], app.extensions["portal_signer"]
    assert isinstance(store, FileStore)
    assert isinstance(signer, Signer)
    district = {"kind": OrganisationKind.GOVERNMENT, "level": Level.DISTRICT, "uscc": None}
    issuers = make_city_body(), make_organisation(district="朝阳区", **district)
    sides = [Side(session, store, now, issuer) for issuer in issuers]
    checkpoints.make(signer, Occasion.REGULAR, now)
    for side in sides:
        side.checkpoint = numbering.size(session)
    session.commit()
    return Matrix(app, sides, now)
