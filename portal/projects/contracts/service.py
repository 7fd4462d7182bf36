"""Negotiating, freezing and confirming a contract; reminding, and letting it lapse."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.rules import Level
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import Overtaken
from portal.core.outbox import Topic, announce
from portal.core.words import N_
from portal.projects.contracts import policy, putting, queries, rules
from portal.projects.contracts.drawing import version_of
from portal.projects.contracts.models import Confirmation, Consent, Contract
from portal.projects.contracts.news import tell
from portal.projects.contracts.rules import CONTRACT_MOVES, ContractState
from portal.projects.contracts.terms import Terms
from portal.projects.rules import PROJECT_MOVES

OVERTAKEN = N_("The contract has changed since you read it. Read the new version first.")


def propose_change(
    actor: Actor, contract_id: UUID, seen: int, terms: Terms, reason: str, now: datetime
) -> None:
    """Make a new version of what is negotiable; what was confirmed before is void.

    `seen` is the number of the version that the change begins with. Raises NotAllowed, IllegalMove,
    DeadlinePassed, Overtaken, InvalidInput.
    """
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        policy.may_change(actor, contract).enforce()
        CONTRACT_MOVES.after(contract.state, "change")
        rules.require_in_time(contract.sign_by, now)
        if seen != contract.number:
            raise Overtaken(OVERTAKEN)
        rules.check_change(contract.version.terms, terms, reason)
        CONTRACT_MOVES.move(contract, "change")
        contract.frozen_at = None
        voided = _void(contract, now)
        made = version_of(contract.number + 1, terms, now)
        made.reason, made.proposed_by = reason.strip(), actor.user_id
        contract.versions.append(made)
        contract.number = made.number
        session.flush()
        facts = {"version": made.number, "fingerprint": made.fingerprint, "voided": voided}
        audit.record(session, actor, Action.CONTRACT_CHANGED, contract.subject_ref, now, **facts)
        subject = N_("The contract of “%(title)s” was changed: version %(number)s.")
        people = queries.people_of(session, contract.parties) - {actor.user_id}
        tell(session, people, contract, f"changed:{made.number}", subject, number=made.number)


def _void(contract: Contract, now: datetime) -> int:
    standing = [party.confirmation for party in contract.parties if party.confirmation]
    for one in standing:
        one.voided_at = now
    return len(standing)


def consent(actor: Actor, contract_id: UUID, seen: int, level: Level, now: datetime) -> None:
    """Consent for one level to targets easier than the bid's; a second time changes nothing.

    Raises NotAllowed, IllegalMove, Overtaken.
    """
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        policy.may_consent(actor, contract, level).enforce()
        CONTRACT_MOVES.after(contract.state, "freeze")
        if seen != contract.number:
            raise Overtaken(OVERTAKEN)
        version = contract.version
        if level in {one.level for one in version.consents}:
            return
        given = Consent(level=level, consented_by=actor.user_id, consented_at=now)
        version.consents.append(given)
        facts = {"version": version.number, "level": level.value}
        audit.record(session, actor, Action.CONTRACT_CONSENTED, contract.subject_ref, now, **facts)


def freeze(actor: Actor, contract_id: UUID, seen: int, now: datetime) -> None:
    """Say that the text is final, so that the parties may confirm it.

    Raises NotAllowed, IllegalMove, DeadlinePassed, Overtaken.
    """
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        policy.may_freeze(actor, contract).enforce()
        CONTRACT_MOVES.after(contract.state, "freeze")
        rules.require_in_time(contract.sign_by, now)
        if seen != contract.number:
            raise Overtaken(OVERTAKEN)
        version = contract.version
        given = [one.level for one in version.consents]
        rules.require_consents(version.terms, contract.versions[0].terms, given)
        CONTRACT_MOVES.move(contract, "freeze")
        contract.frozen_at = now
        facts = {"version": version.number, "fingerprint": version.fingerprint}
        audit.record(session, actor, Action.CONTRACT_FROZEN, contract.subject_ref, now, **facts)
        subject = N_("Please confirm the contract of “%(title)s”.")
        news = f"frozen:{version.number}:{now.isoformat()}"
        tell(session, queries.people_of(session, contract.parties), contract, news, subject)


def confirm(actor: Actor, party_id: UUID, fingerprint: str, now: datetime) -> None:
    """Confirm for one party exactly what it read; the last one brings the contract into force.

    A party that has confirmed changes nothing by confirming again. Raises NotAllowed, NotFound,
    IllegalMove, DeadlinePassed, Overtaken.
    """
    with transaction() as session:
        contract, party = queries.lock_party(session, party_id)
        policy.may_confirm(actor, party).enforce()
        version = contract.version
        if fingerprint != version.fingerprint:
            raise Overtaken(OVERTAKEN)
        if party.confirmation is not None:
            return
        CONTRACT_MOVES.after(contract.state, "sign")
        rules.require_in_time(contract.sign_by, now)
        given = Confirmation(
            version_id=version.id,
            fingerprint=fingerprint,
            confirmed_by=actor.user_id,
            confirmed_at=now,
        )
        party.confirmations.append(given)
        session.flush()
        facts = {
            "version": version.number,
            "fingerprint": fingerprint,
            "party": party.organisation_id,
            "part": party.part.value,
        }
        audit.record(session, actor, Action.CONTRACT_CONFIRMED, contract.subject_ref, now, **facts)
        if not contract.missing:
            _bring_into_force(session, contract, now)


def _bring_into_force(session: Session, contract: Contract, now: datetime) -> None:
    """Every party has confirmed: the project begins, and its dates count from this day."""
    CONTRACT_MOVES.move(contract, "sign")
    contract.signed_at = now
    project, version = contract.project, contract.version
    PROJECT_MOVES.move(project, "sign")
    putting.put_into(session, project, version.terms, now)
    facts = {"version": version.number, "fingerprint": version.fingerprint}
    audit.record(session, SYSTEM, Action.CONTRACT_SIGNED, contract.subject_ref, now, **facts)
    announce(session, Topic.CONTRACT_SIGNED, contract_id=contract.id)
    announce(session, Topic.PROJECT_BEGUN, project_id=project.id)
    subject = N_("The contract of “%(title)s” is confirmed by all parties; the project begins.")
    tell(session, queries.people_of(session, contract.parties), contract, "signed", subject)


def tell_late_parties(contract_id: UUID, now: datetime) -> None:
    """Remind, once, everybody who has still to do something before the date."""
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        if contract.state not in rules.UNSIGNED or contract.reminded_at is not None:
            return
        contract.reminded_at = now
        late = contract.missing
        if contract.state is ContractState.NEGOTIATING:
            late = [party for party in contract.parties if party.part.value in ("issuer", "lead")]
        subject = N_("The contract of “%(title)s” has to be confirmed by all parties soon.")
        tell(
            session,
            queries.people_of(session, late),
            contract,
            _dated("reminded", contract),
            subject,
        )


def lapse(contract_id: UUID, now: datetime) -> None:
    """Let a contract lapse that was not signed by its date; a signed one stays."""
    with transaction() as session:
        contract = queries.lock(session, contract_id)
        if contract.state not in rules.UNSIGNED or now < contract.sign_by:
            return
        CONTRACT_MOVES.move(contract, "lapse")
        PROJECT_MOVES.move(contract.project, "lapse")
        missing = ",".join(str(party.organisation_id) for party in contract.missing)
        ref = contract.subject_ref
        audit.record(session, SYSTEM, Action.CONTRACT_LAPSED, ref, now, missing=missing)
        subject = N_("The contract of “%(title)s” was not signed by its date and has lapsed.")
        people = queries.people_of(session, contract.parties)
        tell(session, people, contract, _dated("lapsed", contract), subject)


def _dated(news: str, contract: Contract) -> str:
    """News of a date: told again when the date was put off."""
    return f"{news}:{contract.sign_by.isoformat()}"
