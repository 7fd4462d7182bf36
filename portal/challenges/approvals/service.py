"""Four eyes: one officer proposes a draft, another publishes it or returns it with remarks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries import names_of
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import policy, queries, rules
from portal.challenges.amendments.versions import sheet_of
from portal.challenges.completeness import missing
from portal.challenges.content import facts_of
from portal.challenges.keys import service as keys
from portal.challenges.models import Challenge, Proposal
from portal.challenges.rules import Outcome
from portal.challenges.stages import advance
from portal.core import outbox
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.outbox import Topic
from portal.core.titles import both
from portal.core.words import N_, Message
from portal.notifications.service import notify


def propose(actor: Actor, challenge_id: UUID, now: datetime) -> Proposal:
    """Put a complete draft before a second officer. Raises NotFound, NotAllowed, InvalidInput."""
    with transaction() as session:
        challenge = queries.lock(session, challenge_id)
        policy.may_propose(actor, challenge).enforce()
        rules.require_none(missing(facts_of(challenge), challenge.rules, now))
        advance(challenge, "propose", now)
        proposal = Proposal(
            challenge=challenge,
            number=len(challenge.proposals) + 1,
            sheet=sheet_of(challenge),
            proposed_by=actor.user_id,
            proposed_at=now,
        )
        session.add(proposal)
        session.flush()
        ref, number = challenge.subject_ref, proposal.number
        audit.record(session, actor, Action.CHALLENGE_PROPOSED, ref, now, number=number)
        _tell_the_others(session, challenge, proposal)
    return proposal


def approve(actor: Actor, proposal_id: UUID, now: datetime) -> Challenge:
    """Publish what another officer has proposed: on the list, for everybody, its rules frozen.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        proposal = queries.lock_proposal(session, proposal_id)
        challenge = proposal.challenge
        policy.may_decide(actor, proposal).enforce()
        rules.require_none(missing(facts_of(challenge), challenge.rules, now))
        keys.require_named(session, challenge)
        _decide(proposal, actor, Outcome.APPROVED, now)
        challenge.settings = challenge.rules.to_json()
        advance(challenge, "approve", now)
        challenge.published_at = now
        challenge.call.published_at = challenge.call.published_at or now
        facts = {"code": challenge.code, "closes_at": challenge.closes_at}
        names = {"proposed_by": proposal.proposed_by, "approved_by": actor.user_id}
        ref = challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_PUBLISHED, ref, now, **facts, **names)
        keys.ask_custodians(session, challenge)
        _tell_the_proposer(session, proposal, N_("“%(title)s” was approved and is published."))
        outbox.announce(session, Topic.CHALLENGE_PUBLISHED, challenge_id=challenge.id)
    return challenge


def send_back(actor: Actor, proposal_id: UUID, remarks: str, now: datetime) -> Challenge:
    """Return what another officer has proposed, with remarks; it is a draft again.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    with transaction() as session:
        proposal = queries.lock_proposal(session, proposal_id)
        policy.may_decide(actor, proposal).enforce()
        rules.require_none(rules.reason_problems(remarks, "remarks"))
        _decide(proposal, actor, Outcome.RETURNED, now)
        proposal.remarks = why = remarks.strip()
        advance(proposal.challenge, "return", now)
        ref = proposal.challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_RETURNED, ref, now, remarks=why)
        _tell_the_proposer(session, proposal, N_("“%(title)s” was returned with remarks."))
    return proposal.challenge


def take_back(actor: Actor, proposal_id: UUID, now: datetime) -> Challenge:
    """Take back one's own proposal; it is a draft again. Raises NotFound, NotAllowed."""
    with transaction() as session:
        proposal = queries.lock_proposal(session, proposal_id)
        policy.may_take_back(actor, proposal).enforce()
        _decide(proposal, actor, Outcome.TAKEN_BACK, now)
        advance(proposal.challenge, "take_back", now)
        ref = proposal.challenge.subject_ref
        audit.record(session, actor, Action.CHALLENGE_TAKEN_BACK, ref, now)
    return proposal.challenge


def _decide(proposal: Proposal, actor: Actor, outcome: Outcome, now: datetime) -> None:
    proposal.outcome = outcome
    proposal.decided_by, proposal.decided_at = actor.user_id, now


def _tell_the_others(session: Session, challenge: Challenge, proposal: Proposal) -> None:
    """Every other officer of the body may be the second pair of eyes."""
    proposer = proposal.proposed_by
    people = set(queries.managers(session, challenge)) - {proposer}
    name = names_of(session, [proposer]).get(proposer, "")
    text = N_("%(name)s proposes “%(title)s” for publishing; a second officer decides.")
    news = Message(text, {"name": name, "title": both(challenge)})
    where = f"/desk/challenges/{challenge.id}/approval"
    notify(session, people, f"challenge.proposed:{proposal.id}", news, where)


def _tell_the_proposer(session: Session, proposal: Proposal, text: str) -> None:
    challenge, key = proposal.challenge, f"challenge.decided:{proposal.id}"
    news = Message(text, {"title": both(challenge)})
    notify(session, [proposal.proposed_by], key, news, f"/desk/challenges/{challenge.id}/approval")
