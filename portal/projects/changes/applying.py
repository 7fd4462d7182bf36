"""What a change that was granted does to the project's rows, and the contract's new version."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.money import FundSource
from portal.projects.changes import rules, standing
from portal.projects.changes.models import Change
from portal.projects.changes.rules import ChangeKind
from portal.projects.contracts.models import Contract, ContractVersion
from portal.projects.contracts.rules import ContractState
from portal.projects.contracts.terms import MoneyTerm, Terms
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
    terms = _terms(project, contract.version.terms)
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
    return number


def _terms(project: Project, terms: Terms) -> Terms:
    """The contract's terms with what holds in the project now."""
    promised = {row.position: row.promised_value for row in project.indicators}
    months = {row.position: row.month for row in project.milestones}
    return replace(
        terms,
        indicators=tuple(
            replace(row, promised_value=promised[row.position]) for row in terms.indicators
        ),
        milestones=tuple(replace(row, month=months[row.position]) for row in terms.milestones),
        money=tuple(MoneyTerm(fund.source, fund.amount) for fund in project.funds),
    )
