"""Who asks, what each of them is to either side, and requests that write nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from portal.accounts.models import Person
from portal.core.access import Role
from portal.core.db import before_commit, db
from tests.factories.accounts import PASSWORD, make_city_body, make_organisation, make_person
from tests.factories.reviews import make_reviewer
from tests.site.matrix.sides import Side

Written = tuple[str, object]
"""A statement and its values."""
REACHED = 299
"""The status of a request that was let through to its commit, which then did not happen."""


class WouldWrite(HTTPException):
    """Everything was allowed, checked and changed; nothing is kept."""

    code = REACHED
    description = "would write"


def _stop(session: Session) -> None:
    if session.info.pop("wrote", False):
        raise WouldWrite


@contextmanager
def nothing_written(app: Flask) -> Iterator[list[Written]]:
    """Requests that come to their commit answer so, and write nothing, not even of a refusal.

    Yields what they would have written.
    """
    written: list[Written] = []

    def hear(_: Connection, cursor: object, statement: str, values: object, *more: object) -> None:
        """A lock alone is not written."""
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            db.session.info["wrote"] = True
            written.append((statement, values))

    token = before_commit.set(_stop)
    event.listen(db.engine, "before_cursor_execute", hear)
    heard, app.extensions["portal_on_error"] = app.extensions["portal_on_error"], []
    try:
        yield written
    finally:
        app.extensions["portal_on_error"] = heard
        event.remove(db.engine, "before_cursor_execute", hear)
        before_commit.reset(token)


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser; `own` and `other` are the words of the table that fit them, for what
    is the first side's and for what is the second's."""

    name: str
    own: frozenset[str]
    other: frozenset[str]
    cookie: str = field(default="", repr=False)

    def ask(self, app: Flask, path: str, method: str = "GET", **facts: object) -> TestResponse:
        """One request; nothing that the answer sets is kept."""
        client = app.test_client(use_cookies=False)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        return client.open(path, method=method, headers=headers, **facts)


def visitors(app: Flask, one: Side, two: Side) -> list[Visitor]:
    """A stranger, and fourteen people who are signed in."""
    district = make_organisation(district="石景山区", level="district", kind="government")
    elsewhere = make_person(Role.CITY_OFFICER, organisation=make_city_body())
    known = {
        "lead": (one.lead, "lead home bidder leads", "bidder leads"),
        "partner": (one.partner, "partner bidder", "bidder"),
        "other lead": (two.lead, "bidder leads", "lead home bidder leads"),
        "named person": (one.named, "named home bidder", "bidder"),
        "drawn reviewer": (one.expert.person, "drawn expert", "expert"),
        "reviewer not drawn": (make_reviewer().person, "expert", "expert"),
        "officer who proposed": (one.author, "issuer author city officer", "city officer"),
        "second officer": (one.second, "issuer second city officer", "city officer"),
        "city officer elsewhere": (elsewhere, "city officer", "city officer"),
        "district officer": (two.author, "officer", "issuer author officer"),
        "officer of another district": (
            make_person(Role.DISTRICT_OFFICER, organisation=district),
            "officer cluster",
            "officer cluster",
        ),
        "auditor": (make_person(Role.AUDITOR), "auditor", "auditor"),
        "custodian": (one.custodian, "custodian", ""),
        "administrator": (make_person(Role.ADMINISTRATOR), "administrator", "administrator"),
    }  # fmt: skip
    stranger = Visitor("stranger", frozenset({"all"}), frozenset({"all"}))
    return [stranger, *(_signed_in(app, name, *facts) for name, facts in known.items())]


def _signed_in(app: Flask, name: str, person: Person, own: str, other: str) -> Visitor:
    answer = app.test_client(use_cookies=False).post(
        "/sign-in", data={"email": person.email, "password": PASSWORD}
    )
    assert answer.status_code == 303, answer.text
    cookie = "; ".join(one.split(";")[0] for one in answer.headers.getlist("Set-Cookie"))
    return Visitor(name, _words(own), _words(other), cookie)


def _words(told: str) -> frozenset[str]:
    words = {"all", "signed_in", *told.split()}
    return frozenset(words if "issuer" in words else words | {"no_issuer"})
