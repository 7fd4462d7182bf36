"""The challenge sheet (榜题): all that is written about a challenge, apart from how it is kept.

The editor, import and export, proposals and amendments speak of a challenge in these terms.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.challenges.rules import IssuerType, Operator, plain
from portal.challenges.settings import Stored
from portal.core.money import FundSource


@dataclass(frozen=True)
class IndicatorFacts:
    """One row of the indicators."""

    name: str
    operator: Operator
    value: Decimal | None
    high: Decimal | None
    unit: str
    test_method: str
    mandatory: bool
    baseline: str = ""


@dataclass(frozen=True)
class CriterionFacts:
    """One row of the rubric."""

    name: str
    weight: int
    guidance: str = ""


@dataclass(frozen=True)
class ChallengeFacts:
    """All of a challenge sheet; money in yuan, `settings` only what differs from the call's."""

    title: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    background: str = ""
    content: str = ""
    issuer_type: IssuerType = IssuerType.GOVERNMENT
    scenario_site: str = ""
    scenario_owner: str = ""
    scenario_use: str = ""
    scenario_access: str = ""
    months: int = 24
    closes_at: datetime | None = None
    indicators: tuple[IndicatorFacts, ...] = ()
    funds: dict[FundSource, Decimal] = dataclasses.field(default_factory=dict)
    criteria: tuple[CriterionFacts, ...] = ()
    settings: Stored = dataclasses.field(default_factory=dict)
    field: str = ""
    chain_stage: str = ""
    deliverables: str = ""
    ip_terms: str = ""
    confidentiality: str = ""
    trl_from: int | None = None
    trl_to: int | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: decimals and words as text, moments as ISO 8601."""
        return {item.name: _stored(getattr(self, item.name)) for item in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ChallengeFacts":
        """A sheet as stored; what is missing takes its default."""
        known = {item.name for item in dataclasses.fields(cls)}
        same = {key: value for key, value in stored.items() if key in known - _READ.keys()}
        return cls(**same, **{key: _READ[key](stored[key]) for key in _READ if key in stored})


PARTS = frozenset({"indicators", "funds", "criteria"})
"""What has tables of its own."""
PLAIN = sorted(ChallengeFacts.__dataclass_fields__.keys() - PARTS)
"""What the sheet and the table call by the same name."""


def _stored(value: object) -> object:
    if isinstance(value, IndicatorFacts | CriterionFacts):
        return {key: _stored(part) for key, part in vars(value).items()}
    if isinstance(value, dict):
        return {str(key): _stored(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [_stored(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, Operator | IssuerType) else value


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _indicator(row: dict[str, Any]) -> IndicatorFacts:
    parsed = {
        "operator": Operator(row["operator"]),
        "value": _decimal(row["value"]),
        "high": _decimal(row["high"]),
    }
    return IndicatorFacts(**{**row, **parsed})


_READ: dict[str, Any] = {
    "issuer_type": IssuerType,
    "closes_at": lambda value: None if value is None else datetime.fromisoformat(value),
    "indicators": lambda rows: tuple(_indicator(row) for row in rows),
    "funds": lambda sums: {FundSource(key): Decimal(value) for key, value in sums.items()},
    "criteria": lambda rows: tuple(CriterionFacts(**row) for row in rows),
}
