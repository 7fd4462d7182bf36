"""The demonstration's awarded challenge: four winners, whose contracts are each at another point."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from portal.accounts.rules import Level
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.core.access import Actor
from portal.core.db import db
from portal.core.files import FileStore
from portal.demo.challenges import moment, person, titled
from portal.demo.dispute import load_reviewed
from portal.demo.running import award
from portal.demo.teams import Row, bid_of
from portal.projects import queries as project_queries
from portal.projects.contracts import policy, queries, service, signing
from portal.projects.contracts.models import Contract
from portal.projects.contracts.rules import last_day
from portal.projects.contracts.terms import Terms


def rows(file: Row) -> int:
    """How many steps the loading takes."""
    return len(file["challenges"]) + 2 * len(file["bids"]) + 1


def load_awarded(file: Row, store: FileStore) -> Iterator[str]:
    """Enter the call, its review, the award, and the contracts; yields each step."""
    yield from load_reviewed(file, store)
    challenge, officer = titled(file["review"]["challenge"]), person(file["call"]["officer"])
    if challenge.state is ChallengeState.REVIEWING:
        award(challenge, file["award"], officer)
        _ease(challenge, file["contracts"]["eased"])
        _put_off(challenge, officer, file["contracts"]["eased"])
        _leave_frozen(challenge, officer, file["contracts"]["frozen"])
        _sign(challenge, officer, file["contracts"]["signed"])
        _refuse(challenge, file["contracts"]["refused"])
    yield file["award"]["meeting"]


def _contract(challenge: Challenge, row: Row) -> Contract:
    """The contract of whoever leads it."""
    bid = bid_of(row, challenge)
    project = project_queries.project_of_bid(db.session, bid.id) if bid else None
    contract = queries.current(db.session, project.id) if project else None
    if contract is None:
        raise LookupError(f"{row['lead']} has no contract")
    return contract


def _change(contract: Contract, row: Row, terms: Terms, now: datetime) -> None:
    lead = person(row["lead"])
    service.propose_change(lead, contract.id, contract.number, terms, row["reason"], now)


def _ease(challenge: Challenge, row: Row) -> None:
    """A target easier than the bid's; the city has consented, the district has not yet."""
    contract = _contract(challenge, row)
    terms, place = contract.version.terms, row["indicator"] - 1
    indicators = list(terms.indicators)
    indicators[place] = replace(indicators[place], promised_value=Decimal(row["value"]))
    eased = replace(terms, indicators=tuple(indicators))
    _change(contract, row, eased, moment(challenge, row["changed"]))
    city = person(row["consented"]["city"])
    now = moment(challenge, row["consented"])
    service.consent(city, contract.id, contract.number, Level.CITY, now)


def _put_off(challenge: Challenge, officer: Actor, row: Row) -> None:
    """The district needs longer than the date allows."""
    contract, told = _contract(challenge, row), row["extended"]
    seen = last_day(contract.sign_by)
    until = seen + timedelta(days=told["by"])
    signing.extend(officer, contract.id, seen, until, told["reason"], moment(challenge, told))


def _leave_frozen(challenge: Challenge, officer: Actor, row: Row) -> None:
    """Another deliverable, and a part of the money waits for the acceptance; then the text is frozen,
    and some have confirmed."""
    contract = _contract(challenge, row)
    terms, share = contract.version.terms, row["after_acceptance"]
    last = terms.milestones[-1]
    last = replace(last, deliverable=row["deliverable"], share=last.share - share)
    milestones = (*terms.milestones[:-1], last)
    changed = replace(terms, milestones=milestones, acceptance_share=share)
    _change(contract, row, changed, moment(challenge, row["changed"]))
    _sign(challenge, officer, row)


def _sign(challenge: Challenge, officer: Actor, row: Row) -> None:
    """The text is frozen; those who are told confirm it, each for their own body."""
    contract = _contract(challenge, row)
    service.freeze(officer, contract.id, contract.number, moment(challenge, row["frozen"]))
    for one in row["confirmed"]:
        who, fingerprint = person(one["email"]), contract.version.fingerprint
        own = next(party for party in contract.parties if policy.acts_for(who, party))
        service.confirm(who, own.id, fingerprint, moment(challenge, one))


def _refuse(challenge: Challenge, row: Row) -> None:
    """The lead cannot deliver in time, and says so: the officer decides how it goes on."""
    contract, who = _contract(challenge, row), person(row["lead"])
    own = next(party for party in contract.parties if policy.acts_for(who, party))
    signing.refuse(who, own.id, row["reason"], moment(challenge, row["at"]))
