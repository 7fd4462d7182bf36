"""Reads about acceptance."""

from portal.projects.acceptance.rules import Measured, Readiness, readiness
from portal.projects.models import Project


def readiness_of(project: Project) -> Readiness:
    """What stands between a project and its acceptance."""
    rows = [Measured(i.asked, i.mandatory, i.measured_value, i.met) for i in project.indicators]
    return readiness([milestone.state for milestone in project.milestones], rows)
