"""What a contract's terms make of the project's rows on the day of its signing."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from portal.projects.contracts.terms import Terms
from portal.projects.funds.models import Tranche
from portal.projects.funds.rules import tranche_amounts
from portal.projects.models import Project
from portal.projects.rules import months_after


def put_into(session: Session, project: Project, terms: Terms, now: datetime) -> None:
    """Indicators, milestones and tranches as they were signed; dates count from `now`."""
    project.started_at = now
    project.ends_at = months_after(now, terms.months)
    for row, told in zip(project.indicators, terms.indicators, strict=True):
        row.promised_value, row.test_method = told.promised_value, told.test_method
    for milestone, planned in zip(project.milestones, terms.milestones, strict=True):
        milestone.month, milestone.deliverable = planned.month, planned.deliverable
        milestone.due_at = months_after(now, planned.month)
    for tranche in project.tranches:
        session.delete(tranche)
    session.flush()
    session.add_all(list(_tranches(project, terms)))
    session.flush()
    for owner in (project, *project.milestones):
        session.expire(owner, ["tranches"])


def _tranches(project: Project, terms: Terms) -> Iterator[Tranche]:
    """Public money of each source, exact in sum: at the signing, at each milestone, at the
    acceptance."""
    gates = [None, *(milestone.id for milestone in project.milestones), None]
    parts = {row.source: tranche_amounts(row.amount, terms.shares) for row in terms.public_money}
    position = 0
    for place, gate in enumerate(gates):
        for source, amounts in parts.items():
            if amounts[place]:
                position += 1
                yield Tranche(
                    project_id=project.id,
                    milestone_id=gate,
                    at_acceptance=place == len(gates) - 1,
                    position=position,
                    source=source,
                    amount=amounts[place],
                )
