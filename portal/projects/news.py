"""Telling the team and the office what happened in a project, in the act's own transaction."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids import queries as bid_queries
from portal.challenges import queries as challenge_queries
from portal.core.words import Message
from portal.notifications.service import notify
from portal.projects.models import Project


def everybody(session: Session, project: Project) -> list[UUID]:
    """The people of the team and the officers of the issuing body."""
    team = bid_queries.team_people(session, project.bid)
    return [*team, *challenge_queries.managers(session, project.challenge)]


def tell(
    session: Session,
    people: Iterable[UUID],
    project: Project,
    news: str,
    subject: str,
    **facts: object,
) -> None:
    """Put news of a project in inboxes, once for each `news`; it leads to the project's page."""
    told, url = message(project, subject, **facts), f"/projects/{project.code}"
    notify(session, people, f"project:{project.id}:{news}", told, url)


def message(project: Project, subject: str, **facts: object) -> Message:
    """A piece of news with the project's title in it."""
    return Message(subject, {"title": project.title, **facts})
