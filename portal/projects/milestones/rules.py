"""The life of a milestone, and what a report and its acceptance need."""

from collections.abc import Sequence

from portal.core.errors import IllegalMove, Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import ProjectState, require_running, require_words

_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")


class MilestoneState(Worded):
    """Where a milestone (里程碑) stands."""

    PLANNED = "planned", N_("Planned")
    REPORTED = "reported", N_("Reported")
    ACCEPTED = "accepted", N_("Examined and accepted")


_M = MilestoneState


MILESTONE_MOVES = Moves(
    "milestone",
    _M.PLANNED,
    Move(
        _M.PLANNED, "report", _M.REPORTED, _LEAD, N_("with evidence; earlier milestones reported")
    ),
    Move(_M.REPORTED, "return", _M.PLANNED, _OFFICER, N_("with a reason")),
    Move(_M.REPORTED, "accept", _M.ACCEPTED, _OFFICER, N_("earlier milestones accepted")),
)


def may_follow(earlier: Sequence[MilestoneState], allowed: frozenset[MilestoneState]) -> bool:
    """Whether every earlier milestone is so far that this one may be taken."""
    return all(state in allowed for state in earlier)


def require_report(
    earlier: Sequence[MilestoneState], project: ProjectState, report: str, files: int
) -> None:
    """Raise IllegalMove out of order, Invalid without words or evidence."""
    require_running(project)
    if not may_follow(earlier, frozenset({_M.REPORTED, _M.ACCEPTED})):
        raise IllegalMove("Report the earlier milestones first.")
    require_words("report", report)
    if not files:
        raise Invalid("evidence", "Please add at least one file that shows it.")


def require_acceptable(earlier: Sequence[MilestoneState]) -> None:
    """Raise IllegalMove unless every earlier milestone has been accepted."""
    if not may_follow(earlier, frozenset({_M.ACCEPTED})):
        raise IllegalMove("Accept the earlier milestones first.")
