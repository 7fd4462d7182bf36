"""What a change that was granted does to the project's rows, and the contract's new version."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries as account_queries
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.bids.terms import BudgetCategory
from portal.core.access import SYSTEM
from portal.core.money import FundSource
from portal.projects.changes import rules, standing
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ChangeKind
from portal.projects.contracts.models import Contract, ContractVersion
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import (
    CostTerm,
    MoneyTerm,
    Part,
    PartyTerm,
    Terms,
    TrancheTerm,
)
from portal.projects.funds.rules import TrancheState
from portal.projects.milestones.rules import TO_REPORT
from portal.projects.models import Project
from portal.projects.rules import months_after


def apply(session: Session, project: Project, change: Change, now: datetime) -> None:
    """Put a granted change into force; `change.before` keeps what held. Raises Invalid."""
    acts = {
        ChangeKind.TIME: _extend,
        ChangeKind.PARTNER: _partners,
        ChangeKind.SOURCES: _money,
        ChangeKind.INDICATOR: _indicator,
    }
    if change.kind in acts:
        acts[change.kind](project, change)
    session.flush()
    change.contract_number = _new_version(session, project, change, now)


def _extend(project: Project, change: Change) -> None:
    """What is still to be reported, and the end, move by as many months."""
    months = int(change.after["months"])
    for milestone in project.milestones:
        if milestone.state in TO_REPORT:
            milestone.month += months
            milestone.due_at = months_after(milestone.due_at, months)
    project.ends_at = months_after(project.ends_at, months)


def _partners(project: Project, change: Change) -> None:
    project.partners = list(change.after["partners"])


def _indicator(project: Project, change: Change) -> None:
    row = standing.indicator_at(project, change.after["indicator"])
    row.promised_value = standing.number_of(change.after["value"])
    if row.met is not None:  # what was measured is held against the new promise
        row.met = row.promised.is_met_by(row.measured_value)


def _money(project: Project, change: Change) -> None:
    amounts = {FundSource(key): Decimal(text) for key, text in change.after["amounts"].items()}
    standing.require_fitting(project, amounts)
    for fund in project.funds:
        fund.amount = amounts[fund.source]
        _recut(project, fund.source, fund.amount)


def _recut(project: Project, source: FundSource, amount: Decimal) -> None:
    """The tranches that still wait for their gate take the difference."""
    own = [one for one in project.tranches if one.source is source]
    planned = [one for one in own if one.state is TrancheState.PLANNED]
    bound = sum((one.amount for one in own if one not in planned), Decimal(0))
    if own:
        parts = rules.recut([one.amount for one in planned], amount - bound)
        for tranche, part in zip(planned, parts, strict=True):
            tranche.amount = part


def _new_version(session: Session, project: Project, change: Change, now: datetime) -> int | None:
    """The number of the contract's next version, or None where no contract was signed here."""
    contract = session.scalars(
        select(Contract).where(
            Contract.project_id == project.id, Contract.state == ContractState.SIGNED
        )
    ).one_or_none()
    if contract is None:
        return None
    terms = _terms(project, contract.version.terms, change, _bodies(session, project))
    number = contract.number + 1
    version = ContractVersion(
        number=number,
        document=terms.to_json(),
        fingerprint=terms.fingerprint,
        reason=change.reason,
        proposed_by=change.requested_by,
        proposed_at=now,
    )
    contract.versions.append(version)
    contract.number = number
    session.flush()
    facts = {"version": number, "fingerprint": version.fingerprint, "change": change.id}
    audit.record(session, SYSTEM, Action.CONTRACT_AMENDED, contract.subject_ref, now, **facts)
    return number


def _bodies(session: Session, project: Project) -> list[PartyTerm]:
    """The partners by their names, each with what the register of organisations knows of it."""
    found = [
        (name, account_queries.organisation_by_name(session, name)) for name in project.partners
    ]
    return [
        PartyTerm(Part.PARTNER, str(body.id) if body else "", name, (body and body.uscc) or "")
        for name, body in found
    ]


def _terms(project: Project, terms: Terms, change: Change, partners: list[PartyTerm]) -> Terms:
    """The contract's terms with what holds in the project now; who leads and what kinds of cost have
    stand in no row of the project, the change itself says them."""
    after, kind = change.after, change.kind
    indicators = zip(terms.indicators, project.indicators, strict=True)
    milestones = zip(terms.milestones, project.milestones, strict=True)
    return replace(
        terms,
        indicators=tuple(
            replace(told, promised_value=row.promised_value) for told, row in indicators
        ),
        milestones=tuple(replace(told, month=row.month) for told, row in milestones),
        money=tuple(MoneyTerm(fund.source, fund.amount) for fund in project.funds),
        parties=_parties(terms, partners) if kind is ChangeKind.PARTNER else terms.parties,
        leader=after["leader"] if kind is ChangeKind.PEOPLE else terms.leader,
        costs=_costs(after["amounts"]) if kind is ChangeKind.BUDGET else terms.costs,
        tranches=_tranches(project) if kind is ChangeKind.SOURCES else terms.tranches,
    )


def _parties(terms: Terms, partners: list[PartyTerm]) -> tuple[PartyTerm, ...]:
    """The partners stand behind the lead, the owner of the scenario last."""
    first = [row for row in terms.parties if row.part in (Part.ISSUER, Part.LEAD)]
    last = [row for row in terms.parties if row.part is Part.OWNER]
    return (*first, *partners, *last)


def _costs(amounts: Mapping[str, str]) -> tuple[CostTerm, ...]:
    read = ((BudgetCategory(key), Decimal(text)) for key, text in amounts.items())
    return tuple(CostTerm(category, amount) for category, amount in read if amount)


def _tranches(project: Project) -> tuple[TrancheTerm, ...]:
    last = len(project.milestones) + 1
    return tuple(
        TrancheTerm(
            last if row.at_acceptance else row.milestone.position if row.milestone else 0,
            row.source,
            row.amount,
        )
        for row in project.tranches
    )
