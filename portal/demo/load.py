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
    steps = [*data("organisations"), *data("people")["people"]]
    for number, facts in enumerate(steps, start=1):
        if "email" in facts:
            _person(facts)
        else:
            _organisation(facts)
        yield number, len(steps)


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
