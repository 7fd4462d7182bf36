"""Opening keys for tests: custodians, and keys that are made and proven, whose shares tests know."""

import hashlib
from functools import lru_cache

from sqlalchemy import select

from portal.accounts.models import Organisation, Person
from portal.challenges.keys.models import KeyShare, OpeningKey
from portal.challenges.keys.rules import HOLDERS, KeyState, ShareState
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from portal.core.sealing import custody
from portal.core.sealing.opening_key import new_opening_key
from portal.core.sealing.shares import printed
from tests.factories.accounts import make_city_body, make_organisation, make_person

SHARES = {holder: hashlib.sha256(f"share {holder}".encode()).digest() for holder in HOLDERS}
"""The printed shares of every key that a factory made, as bytes."""
PRINTED = {holder: printed(share) for holder, share in SHARES.items()}
"""The same as people type them."""
_ROLES = {1: Role.CITY_OFFICER, 2: Role.AUDITOR, 3: Role.CUSTODIAN}


@lru_cache(maxsize=1)
def _halves() -> dict[int, bytes]:
    return {holder: custody.public_half(share) for holder, share in SHARES.items()}


def make_custodian(holder: int, organisation: Organisation | None = None) -> Person:
    """Somebody who may hold a share: 1 for the issuing body (give it), 2 for audit, 3 independent."""
    if organisation is None:
        organisation = make_city_body() if holder < 3 else make_organisation()
    return make_person(_ROLES[holder], organisation=organisation)


def name_custodians(challenge: Challenge, **facts: object) -> OpeningKey:
    """A key whose custodians are named and have done nothing yet."""
    key = OpeningKey(challenge=challenge, shares=[])
    for holder in HOLDERS:
        person = make_custodian(holder, challenge.call.issuer if holder == 1 else None)
        home = person.memberships[0].organisation
        key.shares.append(
            KeyShare(
                holder=holder, person=person, organisation=home, named_at=clock.now(db.session)
            )
        )
    db.session.add(key)
    db.session.flush()
    return key


def make_key(challenge: Challenge, custodians: list[Person] | None = None) -> OpeningKey:
    """A key that is made and proven by SHARES; its custodians are the same three in a whole test."""
    now = clock.now(db.session)
    people = custodians or make_custodians()
    made, parts = new_opening_key(str(challenge.id))
    key = OpeningKey(challenge=challenge, state=KeyState.READY, shares=[])
    key.keep(made, now)
    for holder, person in zip(HOLDERS, people, strict=True):
        half = _halves()[holder]
        share = KeyShare(
            holder=holder,
            person_id=person.id,
            organisation_id=person.memberships[0].organisation_id,
            state=ShareState.PROVEN,
            named_at=now,
            taken_at=now,
            proven_at=now,
            public_half=half,
            kept=custody.kept_for(half, parts[holder], str(challenge.id), holder),
        )
        key.shares.append(share)
    db.session.add(key)
    db.session.flush()
    return key


def make_custodians() -> list[Person]:
    """The three who hold the shares of every key in a test, unless told otherwise."""
    addresses = [f"custodian{holder}@example.org" for holder in HOLDERS]
    known = db.session.scalars(
        select(Person).where(Person.email.in_(addresses)).order_by(Person.email)
    ).all()
    if known:
        return list(known)
    return [
        make_person(
            _ROLES[holder], organisation=make_organisation(name=f"保管机构{holder}"), email=email
        )
        for holder, email in zip(HOLDERS, addresses, strict=True)
    ]
