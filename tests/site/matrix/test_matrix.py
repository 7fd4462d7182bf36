"""The whole matrix: every endpoint, by GET and POST, about what is one's own and another's."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.rules import Level, OrganisationKind
from portal.audit import checkpoints, numbering
from portal.audit.rules import Occasion
from portal.core.files import FileStore
from portal.core.signing import Signer
from tests.factories.accounts import make_city_body, make_organisation
from tests.site.matrix.addresses import Values, further_pages, of_side
from tests.site.matrix.forms import Filled, forms_of
from tests.site.matrix.sides import Side
from tests.site.matrix.visitors import Visitor, nothing_written, visitors

WHO = yaml.safe_load((Path(__file__).parent / "who.yaml").read_text(encoding="utf-8"))
REFUSED = (403, 404)
ASKED = 2
"""So many of those who are refused are asked about each thing, in turn; all of them take minutes."""
UNASKED = {"site.ready", "accounts.sign_in"}
"""Its answer depends on the servers; its form is everybody's."""


class Cell(NamedTuple):
    """One endpoint about one side's thing, and who is let in."""

    endpoint: str
    method: str
    side: int
    values: Values
    words: frozenset[str]

    def lets_in(self, visitor: Visitor) -> bool:
        """Whether this visitor is expected to be let in."""
        return bool(self.words & (visitor.own, visitor.other)[self.side])


def expected() -> dict[tuple[str, str], frozenset[str]]:
    """The words of those who are let in, by endpoint and method."""
    return {
        (endpoint, method): frozenset(words.split())
        for words, methods in WHO.items()
        for method, endpoints in methods.items()
        for endpoint in endpoints
    }


def methods_of(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint with what it takes."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"} & (rule.methods or set())
    }


def test_every_endpoint_has_its_row(app: Flask) -> None:
    assert set(expected()) == methods_of(app)
    assert sum(len(e) for m in WHO.values() for e in m.values()) == len(expected()), "named twice"


class Matrix:
    """Two sides, the visitors, and the forms that they are shown."""

    def __init__(self, app: Flask, sides: Sequence[Side], now: datetime) -> None:
        self.app, self.sides, self.now = app, sides, now
        self.adapter = app.url_map.bind("localhost")
        self.visitors = visitors(app, *sides)
        self.homes = [of_side(side) for side in sides]
        self.forms: dict[str, Filled] = {}

    def cells(self, method: str) -> Iterator[Cell]:
        """What there is to ask; what is about no one thing is asked once."""
        for (endpoint, taken), words in sorted(expected().items()):
            if taken == method and endpoint not in UNASKED:
                values = [home.get(endpoint, {}) for home in self.homes]
                yield Cell(endpoint, method, 0, values[0], words)
                if values[0] != values[1]:
                    yield Cell(endpoint, method, 1, values[1], words)

    def asked(self, cell: Cell, turn: int) -> Iterator[Visitor]:
        """One of those who are let in, and some of those who are not."""
        rotated = [*self.visitors[turn % 15 :], *self.visitors[: turn % 15]]
        inside = [one for one in rotated if cell.lets_in(one)]
        yield from inside[:1]
        yield from [one for one in rotated if not cell.lets_in(one)][:ASKED]

    def wrong(self, method: str) -> Iterator[str]:
        """Every answer that is not the expected one."""
        for turn, cell in enumerate(self.cells(method)):
            path = self.adapter.build(cell.endpoint, cell.values, method=method)
            form = self.forms.get(cell.endpoint)
            for visitor in self.asked(cell, turn * 7):
                data = form.to_post() if form and method == "POST" else None
                answer = visitor.ask(self.app, path, method, data=data)
                if is_in(answer) != cell.lets_in(visitor) or answer.status_code >= 500:
                    yield f"{visitor.name}: {method} {path}: {answer.status_code}"
                if method == "GET":
                    self.note_forms(answer, path)

    def note_forms(self, answer: TestResponse, path: str) -> None:
        """Keep the forms of a page, to fill them in later."""
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in forms_of(self.app, answer.text, path, self.now):
                if form.values in ({}, self.homes[0].get(form.endpoint)):
                    self.forms.setdefault(form.endpoint, form)

    def read_further(self) -> None:
        """Look at the pages whose forms are still missing, as those to whom they belong."""
        known = {one.name: one for one in self.visitors}
        readers = [known[name] for name in ("officer who proposed", "second officer", "lead", "drawn reviewer")]
        for endpoint, values in further_pages(self.sides[0]):
            path = self.adapter.build(endpoint, values)
            for reader in (*readers, known["custodian"]):
                self.note_forms(reader.ask(self.app, path), path)


def is_in(answer: TestResponse) -> bool:
    """Whether somebody was let in; what follows is read to its end, as a browser does."""
    away = "/sign-in" in answer.headers.get("Location", "")
    return bool(answer.data is not None) and not away and answer.status_code not in REFUSED


@pytest.fixture
def matrix(app: Flask, session: Session, store: FileStore, signer: Signer, now: datetime) -> Matrix:
    """A city body and a district, and what is theirs."""
    district = {"kind": OrganisationKind.GOVERNMENT, "level": Level.DISTRICT, "uscc": None}
    issuers = make_city_body(), make_organisation(district="朝阳区", **district)
    sides = [Side(session, store, now, issuer) for issuer in issuers]
    checkpoints.make(signer, Occasion.REGULAR, now)
    for side in sides:
        side.checkpoint = numbering.size(session)
    session.commit()
    return Matrix(app, sides, now)


def test_everybody_reaches_what_is_theirs_and_nobody_anything_else(matrix: Matrix) -> None:
    assert list(matrix.wrong("GET")) == []
    matrix.read_further()
    with nothing_written(matrix.app):
        wrong = list(matrix.wrong("POST"))
    assert wrong == [], "\n".join(wrong)
