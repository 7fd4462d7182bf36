"""The demonstration's data, written through the services, once."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from flask import current_app

from portal.accounts import queries, service
from portal.accounts.rules import Level, OrganisationKind
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.challenges import queries as challenge_queries
from portal.core import clock
from portal.core.access import Actor, Membership, Role
from portal.core.db import db
from portal.demo import (
    blind,
    changing,
    contracts,
    dispute,
    finishing,
    notices,
    panel_day,
    running,
    sealed,
)
from portal.demo.amending import amend
from portal.demo.bids import load_bids, load_strict, rows
from portal.demo.calls import files, load_calls
from portal.demo.challenges import load_challenges, person
from portal.demo.clusters import load_clusters
from portal.demo.experts import load_expert
from portal.demo.needs import load_needs
from portal.demo.reading import data
from portal.notifications.service import mark_all_read
from portal.reviews.pool import queries as pool_queries

AT_FIRST = 12
"""So many of the people have accounts that a visitor tries first: two of most roles."""
LOADER = Actor(
    UUID(int=1), "demonstration", "", None, (Membership(UUID(int=1), "", Role.ADMINISTRATOR),)
)
"""Who enters the data: an administrator that exists only here."""


def load() -> Iterator[tuple[int, int, str]]:
    """Enter what is not there yet; yields (done, total, what) after each row."""
    challenges = data("challenges")
    total = (
        len(data("organisations"))
        + len(data("people")["people"])
        + len(_reviewers())
        + len(data("clusters")["clusters"])
        + len(files())
        + len(challenges["calls"])
        + len(challenges["challenges"])
        + len(data("needs")["needs"])
        + len(data("needs")["questions"])
        + len([data("amended")])
        + rows(data("bids"))
        + len(data("strict")["bids"])
        + sealed.rows(data("sealed"))
        + panel_day.rows(data("panel_day"))
        + dispute.rows(data("ranked"))
        + dispute.rows(data("blind"))
        + len(data("notices")["notices"])
        + running.rows(data("running"))
        + running.rows(data("finished"))
        + changing.rows(data("changing"))
        + contracts.rows(data("awarded"))
    )
    for number, what in enumerate(_steps(), start=1):
        yield number, total, what


def is_begun() -> bool:
    """Whether an earlier start has entered data here."""
    first = data("people")["people"][0]
    return queries.person_by_email(db.session, first["email"]) is not None


def _reviewers() -> list[dict[str, Any]]:
    return [person for person in data("people")["people"] if "reviewer" in person]


def _steps() -> Iterator[str]:
    for facts in data("organisations"):
        _organisation(facts)
        yield facts["name"]
    for facts in data("people")["people"]:
        _person(facts)
        yield facts["name"]
    known = pool_queries.emails(db.session)
    for facts in _reviewers():
        if facts["email"] not in known:
            load_expert(facts)
        yield facts["name"]
    yield from load_clusters(LOADER, data("clusters"))
    yield from load_calls()
    yield from load_challenges(data("challenges"))
    store = current_app.extensions["portal_files"]
    yield from load_needs(data("needs"), store)
    yield amend(data("amended"))
    yield from load_bids(data("bids"), store)
    yield from load_strict(data("strict"), store)
    yield from sealed.load_sealed(data("sealed"), store)
    yield from panel_day.load_panel(data("panel_day"), store)
    yield from dispute.load_ranked(data("ranked"), store)
    yield from notices.load_notices(data("notices"), store)
    yield from blind.load_blind(data("blind"), store)
    yield from running.load_running(data("running"), store)
    yield from finishing.load_finished(data("finished"), store)
    yield from changing.load_changing(data("changing"), store)
    _catch_up(data("awarded")["call"]["number"])
    yield from contracts.load_awarded(data("awarded"), store)


def _catch_up(last_call: str) -> None:
    """Who is looked at first has read the news of all calls but the last, unless that is there."""
    if challenge_queries.call_numbered(db.session, last_call) is None:
        for facts in data("people")["people"][:AT_FIRST]:
            mark_all_read(person(facts["email"]), clock.now(db.session))


def _organisation(facts: dict[str, Any]) -> None:
    if queries.organisation_by_name(db.session, facts["name"]):
        return
    level = facts.get("level")
    entered = OrganisationFacts(
        name=facts["name"],
        name_en=facts.get("name_en", ""),
        kind=OrganisationKind(facts["kind"]),
        uscc=facts.get("uscc"),
        level=Level(level) if level else None,
        district=facts.get("district"),
    )
    service.add_organisation(LOADER, entered, clock.now(db.session))


def _person(facts: dict[str, Any]) -> None:
    if queries.person_by_email(db.session, facts["email"]):
        return
    password = data("people")["password"]
    person = PersonFacts(facts["name"], facts["email"], password, hashed=_hashed(password))
    roles = [Role(role) for role in facts["roles"]]
    service.add_person(LOADER, person, facts["organisation"], roles, clock.now(db.session))


@lru_cache(maxsize=1)
def _hashed(password: str) -> str:
    """One cheap hash for the one password of all accounts, which is printed for everybody."""
    return PasswordHasher(time_cost=1, memory_cost=1 << 10, parallelism=1).hash(password)
