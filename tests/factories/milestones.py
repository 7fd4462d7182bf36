"""Opinions of experts on milestones for tests."""

from datetime import timedelta
from typing import Any

from portal.core import clock
from portal.core.db import db
from portal.projects.milestones.models import Milestone, MilestoneOpinion
from portal.reviews.pool.models import Reviewer
from tests.factories.awards import officer_of
from tests.factories.reviews import make_reviewer


def make_milestone_opinion(
    milestone: Milestone, reviewer: Reviewer | None = None, **facts: Any
) -> MilestoneOpinion:
    """An opinion that an officer has asked for, due in ten days."""
    now = clock.now(db.session)
    values: dict[str, Any] = {
        "reviewer": reviewer or make_reviewer(),
        "asked_by": officer_of(milestone.project.challenge).user_id,
        "asked_at": now,
        "due_at": now + timedelta(days=10),
    }
    opinion = MilestoneOpinion(milestone=milestone, **{**values, **facts})
    db.session.add(opinion)
    db.session.flush()
    return opinion
