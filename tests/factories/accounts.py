"""Organisations, people and roles for tests."""

from functools import lru_cache
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from stdnum.cn import uscc

from portal.accounts.models import Organisation, Person, PersonRole
from portal.accounts.queries import actor_of
from portal.accounts.rules import Level, OrganisationKind, organisation_digit_holds
from portal.core.access import Actor, Role
from portal.core.db import db

PASSWORD = "correct horse battery"
_numbers = count(1)


@lru_cache(maxsize=1)
def _hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def make_uscc(number: int) -> str:
    """A valid, fictitious unified social credit code."""
    body = f"91110107{number:08d}"
    for digit in "0123456789X":
        code = f"{body}{digit}"
        if organisation_digit_holds(f"{code}0"):
            return code + uscc.calc_check_digit(code)
    raise AssertionError("no check digit fits")


def make_organisation(**facts: Any) -> Organisation:
    """An enterprise, unless told otherwise."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"示例企业{number}有限公司",
        "kind": OrganisationKind.ENTERPRISE,
        "uscc": make_uscc(number),
    }
    organisation = Organisation(**{**values, **facts})
    db.session.add(organisation)
    db.session.flush()
    return organisation


def make_city_body(**facts: Any) -> Organisation:
    """A government body of the city."""
    values = {"kind": OrganisationKind.GOVERNMENT, "level": Level.CITY, "uscc": None}
    return make_organisation(**{"name": f"市级部门{next(_numbers)}", **values, **facts})


def make_person(*roles: Role, organisation: Organisation | None = None, **facts: Any) -> Person:
    """A person with roles in one organisation; the password is PASSWORD."""
    number = next(_numbers)
    values = {
        "name": f"人员{number}",
        "email": f"person{number}@example.org",
        "password_hash": _hash(),
    }
    person = Person(**{**values, **facts})
    home = organisation or (make_city_body() if Role.CITY_OFFICER in roles else make_organisation())
    for role in roles:
        person.memberships.append(PersonRole(organisation=home, role=role))
    db.session.add(person)
    db.session.flush()
    return person


def make_actor(*roles: Role, organisation: Organisation | None = None) -> Actor:
    """A person as policies see them."""
    return actor_of(make_person(*roles, organisation=organisation))
