"""What people follow, for tests."""

from portal.accounts.models import Person
from portal.challenges.finding.models import Follow
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Role
from portal.core.db import db
from tests.factories.accounts import make_person
from tests.factories.challenges import make_challenge


def make_follow(person: Person | None = None, challenge: Challenge | None = None) -> Follow:
    """A bidder follows a published challenge."""
    person = person or make_person(Role.BIDDER_LEAD)
    challenge = challenge or make_challenge(published=True)
    row = Follow(person_id=person.id, challenge_id=challenge.id, at=clock.now(db.session))
    db.session.add(row)
    db.session.flush()
    return row
