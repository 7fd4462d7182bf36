"""An accepted project as the registry keeps it: frozen JSON, and how a page reads it again."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func

from portal.challenges.rules import Operator, plain, shown
from portal.core.money import FundSource
from portal.core.workdays import PLACE
from portal.projects.models import ContractIndicator, Project
from portal.projects.registry.models import RegistryEntry

SEARCHED = ("code", "title", "lead", "site", "owner", "use", "problem", "solution", "effect")
"""What of a kept project its words are taken from, beside the partners."""


@dataclass(frozen=True)
class IndicatorRow:
    """One line of the indicator matrix: asked, promised, measured."""

    name: str
    unit: str
    test_method: str
    mandatory: bool
    asked: str
    promised: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class FundRow:
    """Money of one source, in yuan: contracted, paid, and what is left."""

    source: FundSource
    amount: Decimal
    paid: Decimal

    @property
    def remaining(self) -> Decimal:
        """What was not paid."""
        return self.amount - self.paid


def indicator_row(row: ContractIndicator) -> IndicatorRow:
    """A contract indicator in the words of the matrix; a qualitative one in its own."""
    facts = (row.name, row.unit, row.test_method, row.mandatory)
    if row.operator is Operator.QUALITATIVE:
        return IndicatorRow(*facts, "", row.promised_how, row.measured_how, row.met)
    value = "" if row.measured_value is None else plain(row.measured_value)
    return IndicatorRow(*facts, shown(row.asked, ""), shown(row.promised, ""), value, row.met)


def snapshot_of(project: Project) -> dict[str, Any]:
    """Everything that the registry tells of a project, as plain JSON."""
    challenge = project.challenge
    cluster = challenge.call.cluster
    return {
        "code": project.code,
        "title": project.title,
        "challenge": {
            "code": challenge.code,
            "title": challenge.title,
            "title_en": challenge.title_en,
        },
        "cluster": {"slug": cluster.slug, "name": cluster.name, "name_en": cluster.name_en},
        "issuer": challenge.call.issuer.name,
        "problem": challenge.background,
        "solution": project.version.terms.summary,
        "effect": project.effect,
        "conclusion": project.conclusion,
        "lead": project.lead.name,
        "partners": list(project.partners),
        "site": challenge.scenario_site,
        "owner": challenge.scenario_owner,
        "use": challenge.scenario_use,
        "indicators": [asdict(indicator_row(row)) for row in project.indicators],
        "funds": [
            {"source": fund.source.value, "amount": str(fund.amount), "paid": str(fund.paid)}
            for fund in project.funds
        ],
        "started_at": project.started_at.isoformat(),
        "accepted_at": project.accepted_at.isoformat() if project.accepted_at else None,
    }


def entry_of(project: Project, number: int, now: datetime) -> RegistryEntry:
    """A project as it is entered in the registry, with what it is found by."""
    kept = snapshot_of(project)
    found_by = (*(str(kept[name]) for name in SEARCHED), *kept["partners"])
    call = project.challenge.call
    return RegistryEntry(
        project=project,
        number=number,
        snapshot=kept,
        entered_at=now,
        cluster=call.cluster.slug,
        district=call.cluster.district,
        link=project.challenge.chain_stage,
        year=(project.accepted_at or now).astimezone(PLACE).year,
        words=func.finding_words(" ".join(found_by)),
    )


def indicators_in(snapshot: dict[str, Any]) -> list[IndicatorRow]:
    """The matrix of a kept project."""
    return [IndicatorRow(**row) for row in snapshot["indicators"]]


def funds_in(snapshot: dict[str, Any]) -> list[FundRow]:
    """The money of a kept project."""
    return [
        FundRow(FundSource(row["source"]), Decimal(row["amount"]), Decimal(row["paid"]))
        for row in snapshot["funds"]
    ]
