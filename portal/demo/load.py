"""The demonstration's data, written through the services, once."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from portal.accounts import queries, service
from portal.accounts.rules import Level, OrganisationKind
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.core import clock
from portal.core.access import Actor, Membership, Role
from portal.core.db import db
from portal.demo.challenges import load_challenges, load_clusters

DATA = Path(__file__).resolve().parent / "data"
LOADER = Actor(
    UUID(int=1), "demonstration", "", None, (Membership(UUID(int=1), "", Role.ADMINISTRATOR),)
)
"""Who enters the data: an administrator that exists only here."""


@lru_cache(maxsize=8)
def data(name: str) -> Any:
    """One file of the demonstration data."""
    return yaml.safe_load((DATA / f"{name}.yaml").read_text())


def load() -> Iterator[tuple[int, int]]:
    """Enter what is not there yet; yields (done, total) after each row."""
    names = ("organisations", "people", "clusters", "challenges")
    total = sum(len(data(n)["people"] if n == "people" else data(n)) for n in names)
    for number, _ in enumerate(_steps(), start=1):
        yield number, total


def _steps() -> Iterator[None]:
    for facts in data("organisations"):
        _organisation(facts)
        yield
    for facts in data("people")["people"]:
        _person(facts)
        yield
    yield from load_clusters(LOADER, data("clusters"))
    yield from load_challenges(data("challenges"))


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
    person = PersonFacts(facts["name"], facts["email"], data("people")["password"])
    roles = [Role(role) for role in facts["roles"]]
    service.add_person(LOADER, person, facts["organisation"], roles, clock.now(db.session))
