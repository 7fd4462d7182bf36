"""Whom the demonstration lets anybody be."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person, PersonRole
from portal.core.access import Role

DOMAIN = "@jiebang.example"
"""Where the demonstration's people have their addresses; no mail reaches such a name (RFC 2606)."""
OF_EACH = 2
"""How many people of a role are offered."""


class Shown(NamedTuple):
    """A person of the demonstration, in one of their roles."""

    role: Role
    name: str
    email: str
    organisation: str


def offered(session: Session) -> dict[Role, list[Shown]]:
    """The first people of each role, role by role in the order of the process."""
    place = func.row_number().over(partition_by=PersonRole.role, order_by=Person.created_at)
    rows = (
        select(PersonRole.role, Person.name, Person.email, Organisation.name, place)
        .join(Person, Person.id == PersonRole.person_id)
        .join(Organisation, Organisation.id == PersonRole.organisation_id)
        .where(Person.email.endswith(DOMAIN), Person.active)
        .subquery("placed")
    )
    role, name, email, organisation, place_in_role = rows.c
    found = session.execute(
        select(role, name, email, organisation)
        .where(place_in_role <= OF_EACH)
        .order_by(place_in_role)
    )
    people = [Shown(*row) for row in found]
    by_role = {each: [one for one in people if one.role is each] for each in Role}
    return {each: those for each, those in by_role.items() if those}
