"""Losses of shares for tests: a challenge past its deadline whose bids nobody can open."""

from datetime import datetime, timedelta

from flask import current_app

from portal.accounts.models import Person
from portal.accounts.queries import actor_of
from portal.bids.counting import publishing
from portal.bids.losses import service
from portal.bids.losses.models import ShareLoss
from portal.bids.models import Bid
from portal.bids.rules import opens_at
from portal.challenges.models import Challenge
from portal.core.access import Actor, Role
from portal.core.db import db
from tests.factories.accounts import make_person
from tests.factories.challenges import make_officer

REASON = "两位保管人的份额单在办公楼水灾中损毁，无法辨认。"
MINUTE = timedelta(minutes=1)


def lead_of(bid: Bid) -> Actor:
    """Who acts for a bid."""
    return actor_of(db.session.get_one(Person, bid.started_by))


def published(challenge: Challenge) -> datetime:
    """The moment from which bids may be opened; what was counted is published by then."""
    assert challenge.closes_at is not None
    at = opens_at(challenge.closes_at)
    db.session.commit()
    publishing.publish(challenge.id, current_app.extensions["portal_signer"], at)
    return at


def lose(challenge: Challenge, at: datetime, days: int = 5) -> ShareLoss:
    """Declared by an officer, and confirmed by an auditor a minute later."""
    officer, auditor = actor_of(make_officer(challenge)), actor_of(make_person(Role.AUDITOR))
    db.session.commit()
    service.declare(officer, challenge.id, REASON, days, at)
    return service.confirm(auditor, challenge.id, at + MINUTE)
