"""Preparing a call and changing its common rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy, queries
from portal.challenges.calls.rules import CallFacts, call_problems
from portal.challenges.models import Call
from portal.challenges.rules import Problem, require_none, require_seen
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.words import N_


def create(actor: Actor, facts: CallFacts, now: datetime) -> Call:
    """Prepare a call. Raises NotAllowed, InvalidInput."""
    with transaction() as session:
        return begin(session, actor, facts, now)


def begin(session: Session, actor: Actor, facts: CallFacts, now: datetime) -> Call:
    """Prepare a call within the caller's transaction. Raises NotAllowed, InvalidInput."""
    call = Call(issuer_id=facts.issuer_id, number=facts.number)
    policy.may_draft(actor, call).enforce()
    require_none([*call_problems(facts), *_taken(session, facts.number)])
    _fill(call, facts)
    session.add(call)
    session.flush()
    audit.record(session, actor, Action.CALL_OPENED, call.subject_ref, now, number=call.number)
    return call


def edit(actor: Actor, call_id: UUID, facts: CallFacts, revision: int, now: datetime) -> Call:
    """Change a call; its number stays, and what is published keeps its frozen settings.

    Raises NotFound, NotAllowed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        call = queries.lock_call(session, call_id)
        policy.may_draft(actor, call).enforce()
        require_seen(call.revision, revision)
        change(session, actor, call, facts, now)
    return call


def change(session: Session, actor: Actor, call: Call, facts: CallFacts, now: datetime) -> None:
    """Write what is asked into a locked call and log it. Raises InvalidInput."""
    require_none(call_problems(facts))
    _fill(call, facts)
    call.revision += 1
    audit.record(session, actor, Action.CALL_EDITED, call.subject_ref, now, number=call.number)


def _taken(session: Session, number: str) -> list[Problem]:
    if queries.call_numbered(session, number) is None:
        return []
    return [Problem("number", N_("Another call has this number."))]


def _fill(call: Call, facts: CallFacts) -> None:
    call.cluster_id = facts.cluster_id
    call.title = facts.title
    call.year = facts.year
    call.settings = facts.settings.to_json()
    call.introduction = facts.introduction
    call.common_rules = facts.common_rules
    call.closes_at = facts.closes_at
