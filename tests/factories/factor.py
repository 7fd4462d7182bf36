"""Second factors for tests, and what the app of their owner shows."""

from datetime import datetime
from typing import Any

from portal.accounts.factor import rules
from portal.accounts.factor.models import RecoveryCode, SecondFactor
from portal.accounts.models import Person
from portal.core import clock
from portal.core.db import db

SECRET = b"12345678901234567890"
RECOVERY = "0123-4567-89ab-cdef"


def make_factor(person: Person, **facts: Any) -> SecondFactor:
    """A second factor that is set up, with one recovery code, RECOVERY."""
    now = clock.now(db.session)
    factor = SecondFactor(**{"person_id": person.id, "proposed_at": now, "proven_at": now, **facts})
    factor.secret_hex = SECRET.hex()
    db.session.add(factor)
    db.session.flush()
    digest = rules.recovery_digest(person.id, RECOVERY)
    db.session.add(RecoveryCode(factor_id=factor.id, sha256=digest))
    db.session.flush()
    return factor


def app_shows(secret: bytes = SECRET, later: int = 0) -> str:
    """The code of this moment, or of so many periods later."""
    return rules.hotp(secret, rules.period_of(moment()) + later)


def moment() -> datetime:
    """The moment at which somebody looks at the app; it follows real time."""
    return clock.now(db.session) - clock.offset(db.session)
