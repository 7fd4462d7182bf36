"""Entering with whom an expert worked, and taking it back."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid
from portal.core.outbox import Topic
from portal.core.words import N_
from portal.reviews.conflicts import policy, queries
from portal.reviews.conflicts.models import Coworking
from portal.reviews.conflicts.rules import CoworkingSource


@dataclass(frozen=True)
class Cooperation:
    """With whom, where or on what, and when; `until` is None as long as it lasts."""

    name: str
    organisation: str
    context: str
    since: date
    until: date | None = None
    evidence: str = ""


def tell(actor: Actor, reviewer_id: UUID, told: Cooperation, now: datetime) -> Coworking:
    """Enter a cooperation; wherever the expert sits, it is looked at again.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        reviewer = queries.expert(session, reviewer_id)
        policy.may_tell_coworking(actor, reviewer).enforce()
        if told.until is not None and told.until < told.since:
            raise Invalid("until", N_("Not before it began, please."))
        own = reviewer.person_id == actor.user_id
        made = Coworking(
            reviewer=reviewer,
            source=CoworkingSource.EXPERT if own else CoworkingSource.OFFICER,
            entered_by=actor.user_id,
            entered_at=now,
            **vars(told),
        )
        session.add(made)
        session.flush()
        audit.record(session, actor, Action.COWORKING_ENTERED, reviewer.subject_ref, now)
        outbox.announce(session, Topic.TIES_CHANGED, reviewer_id=reviewer.id)
    return made


def take_back(actor: Actor, coworking_id: UUID, now: datetime) -> UUID:
    """Take back what one entered oneself; gives the expert. Raises NotFound, NotAllowed."""
    with transaction() as session:
        row = queries.coworking(session, coworking_id)
        policy.may_take_back(actor, row).enforce()
        session.delete(row)
        ref = row.reviewer.subject_ref
        audit.record(session, actor, Action.COWORKING_REMOVED, ref, now)
        outbox.announce(session, Topic.TIES_CHANGED, reviewer_id=row.reviewer_id)
    return row.reviewer_id
