"""What follows in projects: their start, news, tranches that fall due, and the registry."""

from datetime import datetime
from uuid import UUID

from flask import current_app

from portal.core.outbox import Topic
from portal.core.web import store
from portal.projects import service
from portal.projects.contracts import filing, paper
from portal.projects.contracts.models import Contract
from portal.projects.endings import service as endings_service
from portal.projects.funds import service as funds_service
from portal.projects.milestones import service as milestones_service
from portal.projects.registry import service as registry_service
from workers.handlers import handles


@handles(Topic.AWARD_CONFIRMED)
def start_projects(payload: dict[str, str], now: datetime) -> None:
    """award confirmed -> a project for each winner."""
    service.start_projects(UUID(payload["notice_id"]), now)


@handles(Topic.CONTRACT_SIGNED)
def file_contract(payload: dict[str, str], now: datetime) -> None:
    """contract signed -> its paper is set and kept."""
    base = current_app.extensions["portal_settings"].base_url

    def made(contract: Contract) -> bytes:
        return paper.made(contract, base)

    filing.file_paper(UUID(payload["contract_id"]), made, store(), now)


@handles(Topic.PROJECT_BEGUN)
def release_by_contract(payload: dict[str, str], now: datetime) -> None:
    """project begun -> the tranches are due for which the contract is the gate."""
    funds_service.release_by_contract(UUID(payload["project_id"]), now)


@handles(Topic.MILESTONE_REPORTED)
def tell_of_report(payload: dict[str, str], now: datetime) -> None:
    """milestone reported -> the officers know."""
    milestones_service.tell_of_report(UUID(payload["milestone_id"]), now)


@handles(Topic.MILESTONE_ACCEPTED)
def release_tranches(payload: dict[str, str], now: datetime) -> None:
    """milestone accepted -> its tranches are due."""
    funds_service.release_tranches(UUID(payload["milestone_id"]), now)


@handles(Topic.MILESTONE_FAILED)
def block_tranches(payload: dict[str, str], now: datetime) -> None:
    """milestone failed -> its tranches are blocked."""
    funds_service.block_tranches(UUID(payload["milestone_id"]), now)


@handles(Topic.TRANCHE_PAID)
def tell_of_payment(payload: dict[str, str], now: datetime) -> None:
    """tranche paid -> the team knows."""
    funds_service.tell_of_payment(UUID(payload["payment_id"]), now)


@handles(Topic.PROJECT_ACCEPTED)
def enter_registry(payload: dict[str, str], now: datetime) -> None:
    """project accepted -> its last tranches are due, and it stands in the public registry."""
    registry_service.enter_registry(UUID(payload["project_id"]), now)


@handles(Topic.PROJECT_ENDED)
def settle_ending(payload: dict[str, str], now: datetime) -> None:
    """project ended early, or a lane stopped -> what it is not paid any more is cancelled."""
    endings_service.settle(UUID(payload["project_id"]), now)


@handles(Topic.PROJECT_FAILED)
def settle_failure(payload: dict[str, str], now: datetime) -> None:
    """project failed -> nothing more is paid of it; its challenge is done, if it was the last."""
    endings_service.settle(UUID(payload["project_id"]), now)
