"""Reads about contracts; what somebody may not see does not exist for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import queries as account_queries
from portal.audit.models import Entry, Numbered
from portal.audit.rules import Action
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.challenges.models import Call, Challenge
from portal.clusters.models import Cluster
from portal.core.access import Actor, Role
from portal.core.errors import NotFound
from portal.projects import queries as project_queries
from portal.projects.contracts import policy, rules
from portal.projects.contracts.models import (
    Confirmation,
    Contract,
    ContractParty,
    ContractVersion,
    Extension,
    Refusal,
)
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import Part
from portal.projects.models import Project


def _whole(query: Select[Contract]) -> Select[Contract]:
    """With everything that its page shows, in a fixed number of queries."""
    of_challenge = joinedload(Contract.project).joinedload(Project.challenge)
    return query.options(
        of_challenge.joinedload(Challenge.call).joinedload(Call.cluster),
        joinedload(Contract.file),
        selectinload(Contract.parties).joinedload(ContractParty.organisation),
        selectinload(Contract.parties)
        .selectinload(ContractParty.confirmations)
        .joinedload(Confirmation.person),
        selectinload(Contract.versions).joinedload(ContractVersion.author),
        selectinload(Contract.versions).selectinload(ContractVersion.consents),
        selectinload(Contract.extensions).joinedload(Extension.person),
        selectinload(Contract.refusals).joinedload(Refusal.person),
    )


def current(session: Session, project_id: UUID) -> Contract | None:
    """The contract of a project."""
    query = _whole(select(Contract).where(Contract.project_id == project_id))
    return session.scalars(query).one_or_none()


def visible_by_code(session: Session, actor: Actor, code: str) -> Contract | None:
    """The contract of a project, for those who may read it."""
    query = _whole(select(Contract).join(Project).where(Project.code == code))
    found = session.scalars(query).one_or_none()
    return found if found and policy.may_see(actor, found) else None


def code_of(session: Session, contract_id: UUID) -> str:
    """The code of its project. Raises NotFound."""
    code = session.scalar(select(Project.code).join(Contract).where(Contract.id == contract_id))
    if code is None:
        raise NotFound
    return code


def contract_of(session: Session, party_id: UUID) -> UUID:
    """The contract of a party. Raises NotFound."""
    found = session.get(ContractParty, party_id)
    if found is None:
        raise NotFound
    return found.contract_id


def lock(session: Session, contract_id: UUID) -> Contract:
    """The contract, locked after its project until the transaction ends, fresh. Raises NotFound."""
    project_id = session.scalar(select(Contract.project_id).where(Contract.id == contract_id))
    if project_id is None:
        raise NotFound
    project_queries.lock(session, project_id)
    query = _whole(select(Contract).where(Contract.id == contract_id))
    return session.scalars(
        query.with_for_update(key_share=True, of=Contract).execution_options(populate_existing=True)
    ).one()


def challenge_of(session: Session, contract_id: UUID) -> UUID | None:
    """The challenge of its project."""
    query = select(Project.challenge_id).join(Contract).where(Contract.id == contract_id)
    return session.scalar(query)


def lock_party(session: Session, party_id: UUID) -> tuple[Contract, ContractParty]:
    """A party and its contract, which is locked. Raises NotFound."""
    contract = lock(session, contract_of(session, party_id))
    return contract, next(one for one in contract.parties if one.id == party_id)


def to_remind(session: Session, now: datetime) -> Sequence[UUID]:
    """Contracts whose date is near, and whose parties have not been reminded."""
    return session.scalars(
        select(Contract.id)
        .where(
            Contract.state.in_(rules.UNSIGNED),
            Contract.sign_by <= now + rules.REMIND_BEFORE,
            Contract.sign_by > now,
            Contract.reminded_at.is_(None),
        )
        .order_by(Contract.sign_by)
        .limit(100)
    ).all()


def to_lapse(session: Session, now: datetime) -> Sequence[UUID]:
    """Contracts that were not signed by their date."""
    return session.scalars(
        select(Contract.id)
        .where(Contract.state.in_(rules.UNSIGNED), Contract.sign_by <= now)
        .order_by(Contract.sign_by)
        .limit(100)
    ).all()


def waiting(session: Session, actor: Actor) -> Sequence[Contract]:
    """Contracts that are still to be signed and concern this person, the most urgent first."""
    homes = {membership.organisation_id for membership in actor.memberships}
    signs = select(ContractParty.contract_id).where(ContractParty.organisation_id.in_(homes))
    in_district = (
        select(Project.id)
        .join(Challenge, Challenge.id == Project.challenge_id)
        .join(Call, Call.id == Challenge.call_id)
        .join(Cluster, Cluster.id == Call.cluster_id)
        .where(Cluster.district.in_(actor.districts))
    )
    concerned = [Contract.id.in_(signs), Contract.project_id.in_(in_district)]
    query = select(Contract).where(Contract.state.in_(rules.UNSIGNED))
    if not actor.has(Role.CITY_OFFICER):
        query = query.where(or_(*concerned))
    query = query.order_by(Contract.sign_by, Contract.id).limit(50)
    return session.scalars(_whole(query)).all()


def undone(session: Session, actor: Actor, since: datetime) -> Sequence[Contract]:
    """Contracts of this officer's body that lapsed, or were refused, since some time, and whose award
    still stands."""
    issued = select(ContractParty.contract_id).where(
        ContractParty.part == Part.ISSUER,
        ContractParty.organisation_id.in_({one.organisation_id for one in actor.memberships}),
    )
    awarded = select(Project.id).join(Bid).where(Bid.state == BidState.WON)
    query = select(Contract).where(
        Contract.state.in_(rules.UNDONE),
        Contract.id.in_(issued),
        Contract.project_id.in_(awarded),
        Contract.sign_by >= since,
    )
    return session.scalars(_whole(query.order_by(Contract.sign_by.desc()).limit(20))).all()


def people_of(session: Session, parties: Sequence[ContractParty]) -> set[UUID]:
    """Everybody who may confirm for one of these parties."""
    return {
        person
        for party in parties
        for person in account_queries.people_with_role(
            session, policy.ROLES[party.part], [party.organisation_id]
        )
    }


def signed_with(session: Session, fingerprint: str) -> tuple[Contract, ContractVersion] | None:
    """The signed contract, and its version, that has this fingerprint: the one that was signed, or a
    later one that came with a change; the newest where several say the same."""
    query = _whole(
        select(Contract)
        .join(ContractVersion, ContractVersion.contract_id == Contract.id)
        .where(
            ContractVersion.fingerprint == fingerprint,
            Contract.state == ContractState.SIGNED,
        )
    )
    contract = session.scalars(query.limit(1)).one_or_none()
    signed = contract.signed_number if contract else None
    if contract is None or signed is None:
        return None
    held = [one for one in contract.versions[signed - 1 :] if one.fingerprint == fingerprint]
    return (contract, held[-1]) if held else None


def entry_of(session: Session, contract: Contract, version: ContractVersion) -> int | None:
    """The number of the log's entry by which a version came into force."""
    came = version.proposed_at if version.number != contract.signed_number else contract.signed_at
    kinds = [Action.CONTRACT_SIGNED.value, Action.CONTRACT_AMENDED.value]
    return session.scalar(
        select(Numbered.seq)
        .join(Entry, Entry.id == Numbered.entry_id)
        .where(Entry.subject_ref == contract.subject_ref, Entry.kind.in_(kinds), Entry.at == came)
        .limit(1)
    )
