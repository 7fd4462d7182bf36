"""Reads about money and tranches."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.core.money import FundSource
from portal.projects.funds.models import ProjectFund, Tranche
from portal.projects.models import Project


def lock_tranche(session: Session, tranche_id: UUID) -> Tranche:
    """The tranche, locked, so that two payments of it wait for each other. Raises NotFound."""
    found = session.scalars(
        select(Tranche)
        .where(Tranche.id == tranche_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_fund(session: Session, project_id: UUID, source: FundSource) -> ProjectFund | None:
    """The money of one source in a project, locked."""
    return session.scalars(
        select(ProjectFund)
        .where(ProjectFund.project_id == project_id, ProjectFund.source == source)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def voucher_used(session: Session, tranche: Tranche, voucher: str) -> bool:
    """Whether the voucher has already paid from this source in the project."""
    known = select(Tranche.id).where(
        Tranche.project_id == tranche.project_id,
        Tranche.source == tranche.source,
        Tranche.voucher == voucher,
    )
    return session.scalar(known) is not None


def code_by_tranche(session: Session, tranche_id: UUID) -> str | None:
    """The code of the project to which a tranche belongs."""
    return session.scalar(select(Project.code).join(Tranche).where(Tranche.id == tranche_id))
