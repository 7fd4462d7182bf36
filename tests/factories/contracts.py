"""Contracts for tests, drawn up as the portal does it, in any state of their life."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.accounts.models import Organisation, Person
from portal.accounts.queries import actor_of
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.projects.contracts import putting, queries
from portal.projects.contracts.drawing import draw_up, version_of
from portal.projects.contracts.models import Confirmation, Contract, ContractParty
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import Part, Terms
from portal.projects.models import Project
from portal.projects.rules import ProjectState
from tests.factories.accounts import make_organisation, make_person
from tests.factories.projects import make_project
from tests.factories.remembered import remembered


@remembered
def make_contract(
    *,
    frozen: bool = False,
    signed: bool = False,
    lapsed: bool = False,
    project: Project | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> Contract:
    """A contract that is being negotiated by issuer, lead, one partner and the scenario's owner, or
    further on (a trait); `at` is the day of the award."""
    state = ProjectState.LAPSED if lapsed else ProjectState.SIGNING
    project = project or make_project(state=state)
    make_owner(project)
    contract = draw_up(db.session, project, at or clock.now(db.session))
    if frozen or signed:
        contract.state = ContractState.FROZEN
    if lapsed:
        contract.state = ContractState.LAPSED
    if signed:
        sign(contract)
    for name, value in facts.items():
        setattr(contract, name, value)
    db.session.flush()
    return contract


def make_owner(project: Project) -> Organisation:
    """The body that owns the scenario, with somebody who has an account."""
    owner = make_organisation()
    make_person(Role.PARTNER, organisation=owner)
    project.challenge.scenario_owner = owner.name
    db.session.flush()
    return owner


def sign(contract: Contract) -> None:
    """Every party has confirmed; the project is under way."""
    now = clock.now(db.session)
    for party in contract.parties:
        given = Confirmation(
            version_id=contract.version.id,
            fingerprint=contract.version.fingerprint,
            confirmed_by=person_of(party).id,
            confirmed_at=now,
        )
        party.confirmations.append(given)
    contract.state, contract.signed_at = ContractState.SIGNED, now
    contract.project.state = ProjectState.ACTIVE
    putting.put_into(db.session, contract.project, contract.version.terms, now)


def add_version(contract: Contract, terms: Terms, reason: str = "经双方协商调整进度安排。") -> None:
    """A later version by the lead."""
    made = version_of(contract.number + 1, terms, clock.now(db.session))
    made.reason, made.proposed_by = reason, contract.project.bid.started_by
    contract.versions.append(made)
    contract.number = made.number
    db.session.flush()


def party(contract: Contract, part: Part) -> ContractParty:
    """The party that signs as this."""
    return next(one for one in contract.parties if one.part is part)


def person_of(party: ContractParty) -> Person:
    """Somebody who may confirm for a party."""
    if party.part is Part.ISSUER:
        return make_person(Role.CITY_OFFICER, organisation=party.organisation)
    found = queries.people_of(db.session, [party])
    return db.session.get_one(Person, min(found))


def actor_for(contract: Contract, part: Part) -> Actor:
    """Somebody who acts for the party that signs as this."""
    return actor_of(person_of(party(contract, part)))


def later(terms: Terms, months: int = 1) -> Terms:
    """The same plan with the last milestone some months later."""
    last = terms.milestones[-1]
    return replace(
        terms, milestones=(*terms.milestones[:-1], replace(last, month=last.month + months))
    )


def with_value(terms: Terms, place: int, value: Decimal) -> Terms:
    """The same terms with another promised value of one indicator."""
    rows = list(terms.indicators)
    rows[place] = replace(rows[place], promised_value=value)
    return replace(terms, indicators=tuple(rows))
