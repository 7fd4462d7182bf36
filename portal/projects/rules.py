"""The life of a project, its milestones and tranches."""

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class ProjectState(Worded):
    """Where a scenario-application project stands."""

    ACTIVE = "active", N_("Under way")
    ACCEPTED = "accepted", N_("Accepted")


_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")
_P = ProjectState
PROJECT_MOVES = Moves(
    "project",
    _P.ACTIVE,
    Move(
        _P.ACTIVE,
        "accept",
        _P.ACCEPTED,
        _OFFICER,
        N_("milestones accepted, every indicator measured, every required one met"),
    ),
)


class MilestoneState(Worded):
    """Where a milestone (里程碑) stands."""

    PLANNED = "planned", N_("Planned")
    REPORTED = "reported", N_("Reported")
    ACCEPTED = "accepted", N_("Accepted")


_M = MilestoneState
MILESTONE_MOVES = Moves(
    "milestone",
    _M.PLANNED,
    Move(_M.PLANNED, "report", _M.REPORTED, _LEAD, N_("with evidence; earlier milestones reported")),
    Move(_M.REPORTED, "return", _M.PLANNED, _OFFICER, N_("with a reason")),
    Move(_M.REPORTED, "accept", _M.ACCEPTED, _OFFICER, N_("earlier milestones accepted")),
)


class TrancheState(Worded):
    """Where a tranche (拨款) stands."""

    PLANNED = "planned", N_("Waiting for its milestone")
    DUE = "due", N_("Due")
    PAID = "paid", N_("Paid")


_T = TrancheState
TRANCHE_MOVES = Moves(
    "tranche",
    _T.PLANNED,
    Move(_T.PLANNED, "release", _T.DUE, N_("the portal, in a task"), N_("its milestone is accepted")),
    Move(_T.DUE, "pay", _T.PAID, _OFFICER, N_("with a voucher number")),
)
