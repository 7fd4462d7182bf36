"""When a contract is not signed: a later date, a party that refuses, the next in order."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.awards import revising
from portal.challenges import queries as challenge_queries
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, NotFound, Overtaken
from portal.core.words import N_
from portal.projects.contracts import policy, queries, rules
from portal.projects.contracts.models import Contract, Extension, Refusal
from portal.projects.contracts.news import tell
from portal.projects.contracts.rules import CONTRACT_MOVES
from portal.projects.rules import PROJECT_MOVES, ProjectState, require_words


def extend(
    actor: Actor, contract_id: UUID, seen: date, until: date, reason: str, now: datetime
) -> None:
    """Put the signing off to the end of a day; what lapsed or was refused is negotiated again.

    `seen` is the last day that held when this was written. Raises NotAllowed, IllegalMove, Overtaken,
    InvalidInput.
    """
    with transaction() as session:
        contract = _lock(session, contract_id)
        policy.may_extend(actor, contract).enforce()
        CONTRACT_MOVES.after(contract.state, "extend")
        if seen != rules.last_day(contract.sign_by):
            raise Overtaken(N_("The date of this contract was changed since you read it."))
        rules.check_extension(contract.sign_by, until, reason, now)
        if contract.state in rules.UNDONE:
            contract.frozen_at = None
        CONTRACT_MOVES.move(contract, "extend")
        if contract.project.state is ProjectState.LAPSED:
            PROJECT_MOVES.move(contract.project, "revive")
        before, after = contract.sign_by, rules.end_of(until)
        contract.extensions.append(
            Extension(
                before=before,
                after=after,
                reason=reason.strip(),
                extended_by=actor.user_id,
                extended_at=now,
            )
        )
        contract.sign_by, contract.reminded_at = after, None
        session.flush()
        facts = {"before": before, "after": after, "reason": reason.strip()}
        audit.record(session, actor, Action.CONTRACT_EXTENDED, contract.subject_ref, now, **facts)
        subject = N_("The contract of “%(title)s” can be signed until %(day)s.")
        people = queries.people_of(session, contract.parties) - {actor.user_id}
        news = f"extended:{after.isoformat()}"
        tell(session, people, contract, news, subject, day=until.isoformat())


def refuse(actor: Actor, party_id: UUID, reason: str, now: datetime) -> None:
    """Refuse to sign for one party; the issuing body is told why, and decides how it goes on.

    Raises NotFound, NotAllowed, IllegalMove, DeadlinePassed, Invalid.
    """
    with transaction() as session:
        contract, party = queries.lock_party(session, party_id)
        policy.may_refuse(actor, party).enforce()
        CONTRACT_MOVES.after(contract.state, "refuse")
        rules.require_in_time(contract.sign_by, now)
        require_words("refusal", reason)
        CONTRACT_MOVES.move(contract, "refuse")
        PROJECT_MOVES.move(contract.project, "refuse")
        contract.refusals.append(
            Refusal(
                party_id=party.id,
                reason=reason.strip(),
                refused_by=actor.user_id,
                refused_at=now,
            )
        )
        session.flush()
        facts = {"party": party.organisation_id, "part": party.part.value, "reason": reason.strip()}
        audit.record(session, actor, Action.CONTRACT_REFUSED, contract.subject_ref, now, **facts)
        subject = N_("%(who)s refuses to sign the contract of “%(title)s”.")
        people = queries.people_of(session, contract.parties) - {actor.user_id}
        who = party.organisation.name
        tell(session, people, contract, f"refused:{now.isoformat()}", subject, who=who)


def go_to_next(actor: Actor, contract_id: UUID, reason: str, now: datetime) -> None:
    """Give the award up that has no contract: the decision is open again for the next in order.

    Raises NotAllowed, IllegalMove, Invalid.
    """
    with transaction() as session:
        contract = _lock(session, contract_id)
        policy.may_extend(actor, contract).enforce()
        if contract.state not in rules.UNDONE:
            raise IllegalMove(N_("This contract can still be signed."))
        require_words("why", reason)
        revising.reopen(session, actor, contract.project.bid, reason.strip(), now)


def _lock(session: Session, contract_id: UUID) -> Contract:
    """The contract, locked after its challenge and its project. Raises NotFound."""
    challenge_id = queries.challenge_of(session, contract_id)
    if challenge_id is None:
        raise NotFound
    challenge_queries.lock(session, challenge_id)
    return queries.lock(session, contract_id)
