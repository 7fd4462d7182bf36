"""Organisations and accounts of the demonstration, entered unless they are there."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher

from portal.accounts import queries, service
from portal.accounts.rules import Level, OrganisationKind
from portal.accounts.service import OrganisationFacts, PersonFacts
from portal.core import clock
from portal.core.access import Actor, Membership, Role
from portal.core.db import db
from portal.demo.reading import data

LOADER = Actor(
    UUID(int=1), "demonstration", "", None, (Membership(UUID(int=1), "", Role.ADMINISTRATOR),)
)
"""Who enters the data: an administrator that exists only here."""


def organisation(facts: dict[str, Any]) -> None:
    """Enter an organisation."""
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


def account(facts: dict[str, Any]) -> None:
    """Enter a person with roles in an organisation."""
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
