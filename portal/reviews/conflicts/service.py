"""Finding conflicts by rule, for a challenge or for a whole call; and what must be decided before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove
from portal.core.words import N_
from portal.reviews.conflicts import finding, policy, queries
from portal.reviews.conflicts.finding import Found, Scope


def find(session: Session, challenge_id: UUID, now: datetime) -> Found:
    """Write down what is found for a challenge; finds nothing new when called again. A helper."""
    found = finding.write(session, Scope.CHALLENGE, challenge_id, now)
    _note(session, f"challenge:{challenge_id}", found, now)
    return found


def find_of(session: Session, challenge_id: UUID, reviewer_id: UUID, now: datetime) -> None:
    """The same for one expert only, before their turn comes. A helper."""
    found = finding.write(session, Scope.CHALLENGE, challenge_id, now, reviewer_id)
    _note(session, f"challenge:{challenge_id}", found, now)


def find_for_call(session: Session, call_id: UUID, now: datetime) -> Found:
    """The same for all challenges of a call in one go. A helper."""
    found = finding.write(session, Scope.CALL, call_id, now)
    _note(session, f"call:{call_id}", found, now)
    return found


def look(actor: Actor, challenge_id: UUID, now: datetime) -> Found:
    """Look for conflicts now, before the pool is frozen. Raises NotAllowed, NotFound."""
    with transaction() as session:
        challenge = challenges.lock(session, challenge_id)
        policy.may_look(actor, challenge).enforce()
        return find(session, challenge_id, now)


def require_decided(session: Session, challenge_id: UUID) -> None:
    """Raise IllegalMove while a wish waits for its decision: nobody is drawn before."""
    waiting = sum(one.decision is None for one in queries.wishes(session, challenge_id))
    if waiting:
        text = N_("Wishes that an expert keeps away, not decided yet: %(count)s.")
        raise IllegalMove(text, count=waiting)


def _note(session: Session, subject: str, found: Found, now: datetime) -> None:
    if found:
        facts = {kind.value: count for kind, count in found.added.items()}
        audit.record(
            session, SYSTEM, Action.CONFLICTS_FOUND, subject, now, lifted=found.lifted, **facts
        )
