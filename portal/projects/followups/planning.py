"""The years of which a lead reports are planned with the acceptance, in its transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.projects.followups import rules
from portal.projects.followups.models import FollowUp
from portal.projects.models import Project


def plan(session: Session, project: Project, accepted_at: datetime) -> None:
    """Plan the reports of three years after acceptance."""
    for year in rules.YEARS:
        due = rules.due_at(accepted_at, year)
        session.add(FollowUp(project=project, year=year, due_at=due))
