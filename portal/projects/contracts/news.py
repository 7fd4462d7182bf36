"""Telling the parties of a contract, in the act's own transaction; it leads to the contract."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.words import Message
from portal.notifications.service import notify
from portal.projects.contracts.models import Contract


def tell(
    session: Session,
    people: Iterable[UUID],
    contract: Contract,
    news: str,
    subject: str,
    **facts: object,
) -> None:
    """Put news of a contract in inboxes, once for each `news`."""
    project = contract.project
    message = Message(subject, {"title": project.title, **facts})
    path = f"/projects/{project.code}/contract"
    notify(session, sorted(people), f"contract:{contract.id}:{news}", message, path)
