"""Entering experts in the pool."""

from dataclasses import dataclass
from datetime import datetime

from portal.accounts import queries as accounts
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor, Role
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.reviews.pool import policy, queries
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import Stratum
from portal.reviews.rounds import queries as round_queries


@dataclass(frozen=True)
class ReviewerFacts:
    """What is asked about an expert."""

    email: str
    organisation: str
    stratum: Stratum
    title: str
    disciplines: tuple[str, ...]


def enter_pool(actor: Actor, facts: ReviewerFacts, now: datetime) -> Reviewer:
    """Enter an expert in the pool. Raises NotAllowed, Invalid."""
    with transaction() as session:
        policy.may_enter_pool(actor).enforce()
        person = accounts.person_by_email(session, facts.email)
        if person is None or not accounts.actor_of(person).has(Role.REVIEWER):
            raise Invalid("email", "No reviewer's account has this address.")
        home = accounts.organisation_named(session, facts.organisation)
        if home is None:
            raise Invalid("organisation", "No organisation of this name or code is registered.")
        accounts.lock_person(
            session, person.id
        )  # so that one of two entries at once sees the other
        if queries.is_in_pool(session, person.id):
            raise Invalid("email", "This expert is in the pool already.")
        reviewer = Reviewer(
            person_id=person.id,
            organisation_id=home.id,
            stratum=facts.stratum,
            title=facts.title,
            disciplines=list(facts.disciplines),
        )
        session.add(reviewer)
        session.flush()
        audit.record(session, actor, Action.REVIEWER_ADDED, f"reviewer:{reviewer.id}", now)
        for round_id in round_queries.unanswered(session):
            outbox.announce(session, Topic.SEAT_VACATED, round_id=round_id)
    return reviewer
