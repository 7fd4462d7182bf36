"""What holds in a project now, and what a wish would make of it, as a change keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from portal.core.errors import Invalid
from portal.core.money import FundSource
from portal.projects.changes import queries, rules
from portal.projects.changes.rules import ChangeKind
from portal.projects.contracts.drawing import costs_of, leader_of
from portal.projects.funds.rules import TrancheState
from portal.projects.models import ContractIndicator, Project
from portal.projects.rules import months_after

Kept = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What a lead asks for: only the fields of its kind count. Amounts are in yuan, by their key."""

    kind: ChangeKind
    reason: str
    months: int | None = None
    leader: str = ""
    partners: tuple[str, ...] = ()
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    indicator: int | None = None
    value: Decimal | None = None


def held(
    session: Session, project: Project, kind: ChangeKind, indicator: int | None = None
) -> Kept:
    """What holds now of what a kind of change is about, as JSON."""
    last = queries.granted(session, project.id, kind)
    if kind is ChangeKind.TIME:
        return {"ends_at": project.ends_at.isoformat()}
    if kind is ChangeKind.PEOPLE:
        return {"leader": last.after["leader"] if last else leader_of(project)}
    if kind is ChangeKind.PARTNER:
        return {"partners": list(project.partners)}
    if kind is ChangeKind.BUDGET:
        return {"amounts": last.after["amounts"] if last else _by_category(project)}
    if kind is ChangeKind.SOURCES:
        return {"amounts": {fund.source.value: str(fund.amount) for fund in project.funds}}
    row = indicator_at(project, indicator)
    return {"indicator": row.position, "value": _text(row.promised_value)}


def wanted(session: Session, project: Project, wish: Wish, before: Kept, now: datetime) -> Kept:
    """What the wish would make of it, as JSON. Raises Invalid at the field that is wrong."""
    kind = wish.kind
    if kind is ChangeKind.TIME:
        extended = queries.granted(session, project.id, kind) is not None
        rules.require_extension(wish.months, project.ends_at, extended, now)
        months = wish.months or 0
        end = months_after(project.ends_at, months)
        return {"months": months, "ends_at": end.isoformat()}
    if kind is ChangeKind.PEOPLE:
        rules.require_change("leader", before["leader"], wish.leader.strip())
        return {"leader": wish.leader.strip()}
    if kind is ChangeKind.PARTNER:
        partners = [name.strip() for name in wish.partners if name.strip()]
        if before["partners"] == partners:
            raise Invalid("partners", "Nothing was changed.")
        return {"partners": partners}
    if kind is ChangeKind.INDICATOR:
        row = indicator_at(project, wish.indicator)
        rules.require_target(row.asked, row.promised_value, wish.value, row.mandatory)
        return {"indicator": row.position, "value": _text(wish.value)}
    return _amounts(project, wish, before)


def _amounts(project: Project, wish: Wish, before: Kept) -> Kept:
    old = {key: Decimal(amount) for key, amount in before["amounts"].items()}
    new = {key: wish.amounts.get(key, amount) for key, amount in old.items()}
    rules.require_budget(list(old.values()), list(new.values()))
    if wish.kind is ChangeKind.SOURCES:
        require_fitting(project, {FundSource(key): amount for key, amount in new.items()})
    return {"amounts": {key: str(amount) for key, amount in new.items()}}


def require_fitting(project: Project, amounts: Mapping[FundSource, Decimal]) -> None:
    """Raise Invalid unless what was paid and released fits amounts (yuan by source)."""
    paid = {fund.source: fund.paid for fund in project.funds}
    bound: dict[FundSource, Decimal] = {}
    for tranche in project.tranches:
        if tranche.state is not TrancheState.PLANNED:
            known = bound.get(tranche.source, Decimal(0))
            bound[tranche.source] = known + tranche.amount
    rules.require_covered(amounts, paid, bound)
    for source, amount in amounts.items():
        planned = planned_of(project, source)
        if planned or source in bound:
            rules.recut(planned, amount - bound.get(source, Decimal(0)))


def planned_of(project: Project, source: FundSource) -> list[Decimal]:
    """The tranches of a source that still wait for their gate, in yuan."""
    return [
        one.amount
        for one in project.tranches
        if one.source is source and one.state is TrancheState.PLANNED
    ]


def indicator_at(project: Project, position: int | None) -> ContractIndicator:
    """The indicator with a number. Raises Invalid."""
    for row in project.indicators:
        if row.position == position:
            return row
    raise Invalid("indicator", "Please choose.")


def number_of(text: str | None) -> Decimal | None:
    """A number as it is kept."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def _by_category(project: Project) -> dict[str, str]:
    return {one.value: str(amount) for one, amount in costs_of(project).items()}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
