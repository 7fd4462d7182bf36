"""What the public sees of a cluster's board: the sums of what the registry publishes, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Numeric, Text, cast, func, select, true
from sqlalchemy.orm import Session

from portal.core.money import FundSource
from portal.projects.boards.rules import Leverage, leverage
from portal.projects.registry.models import RegistryEntry
from portal.projects.registry.reading import FundRow


@dataclass(frozen=True)
class Record:
    """Accepted projects of a cluster: how many, their money in yuan, their indicators."""

    projects: int
    funds: Sequence[FundRow]
    indicators: int
    met: int

    @property
    def leverage(self) -> Leverage:
        """Of what was contracted."""
        return leverage({row.source: row.amount for row in self.funds})


def record_of(session: Session, slug: str | None = None) -> Record | None:
    """The sums of a cluster's entries in the registry, or of all; None if there is none."""
    kept = RegistryEntry.snapshot
    own = _of(slug)
    projects = session.scalar(select(func.count()).select_from(RegistryEntry).where(own)) or 0
    if not projects:
        return None
    row = func.jsonb_array_elements(kept["indicators"]).table_valued("value").render_derived()
    met = func.count().filter(cast(row.c.value.op("->>")("met"), Text) == "true")
    counted = session.execute(
        select(func.count(), met).select_from(RegistryEntry).join(row, true()).where(own)
    )
    indicators, kept_promises = counted.one()
    return Record(projects, _funds(session, own), indicators, kept_promises)


def _of(slug: str | None) -> ColumnElement[bool]:
    return true() if slug is None else RegistryEntry.snapshot["cluster"]["slug"].astext == slug


def _funds(session: Session, own: ColumnElement[bool]) -> list[FundRow]:
    kept = RegistryEntry.snapshot
    row = func.jsonb_array_elements(kept["funds"]).table_valued("value").render_derived()
    source = row.c.value.op("->>")("source")
    sums = [
        func.sum(cast(row.c.value.op("->>")(name), Numeric(18, 2))) for name in ("amount", "paid")
    ]
    query = select(source, *sums).select_from(RegistryEntry).join(row, true()).group_by(source)
    found = session.execute(query.where(own))
    known = {FundSource(name): (amount, paid) for name, amount, paid in found}
    return [
        FundRow(one, Decimal(known[one][0]), Decimal(known[one][1]))
        for one in FundSource
        if one in known
    ]
