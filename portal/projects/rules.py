"""The life of a project, its milestones and tranches, and what must hold to accept it."""

from calendar import monthrange
from datetime import datetime

from portal.core.errors import IllegalMove, Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE

REPORT_LENGTH = 20
"""A report, a reason and a conclusion say at least this much, in characters."""


class ProjectState(Worded):
    """Where a scenario-application project stands."""

    SIGNING = "signing", N_("Contract to be signed")
    ACTIVE = "active", N_("Under way")
    LAPSED = "lapsed", N_("Lapsed, not signed")
    ACCEPTED = "accepted", N_("Acceptance passed")
    SUSPENDED = "suspended", N_("Suspended")
    STOPPED = "stopped", N_("Stopped at a gate of the race")
    TERMINATED = "terminated", N_("Terminated")
    REVOKED = "revoked", N_("Revoked")
    FAILED = "failed", N_("Acceptance failed")


_LEAD = N_("lead of the team")


_OFFICER = N_("officer of the issuing body")


_REASON = N_("with a reason")
_GATE = N_("at a gate of the race; what was earned is kept")
_SETTLED = N_("with a settlement; what was not earned may be claimed back")


_P = ProjectState
OVER = frozenset({_P.ACCEPTED, _P.FAILED, _P.LAPSED, _P.STOPPED, _P.TERMINATED, _P.REVOKED})
"""States in which nothing is worked on any more."""


PROJECT_MOVES = Moves(
    "project",
    _P.SIGNING,
    Move(_P.SIGNING, "sign", _P.ACTIVE, N_("the last party"), N_("every party has confirmed")),
    Move(
        _P.SIGNING,
        "lapse",
        _P.LAPSED,
        N_("the portal, in a task"),
        N_("the contract was not signed by its date"),
    ),
    Move(_P.SIGNING, "refuse", _P.LAPSED, N_("a party of the contract"), _REASON),
    Move(_P.LAPSED, "revive", _P.SIGNING, _OFFICER, N_("the contract gets a new date")),
    Move(
        _P.ACTIVE,
        "accept",
        _P.ACCEPTED,
        _OFFICER,
        N_("milestones accepted, every indicator measured, every required one met"),
    ),
    Move(_P.ACTIVE, "suspend", _P.SUSPENDED, _OFFICER, _REASON),
    Move(_P.SUSPENDED, "resume", _P.ACTIVE, _OFFICER, _REASON),
    Move(_P.ACTIVE, "stop", _P.STOPPED, _OFFICER, _GATE),
    Move(_P.SUSPENDED, "stop", _P.STOPPED, _OFFICER, _GATE),
    Move(_P.ACTIVE, "terminate", _P.TERMINATED, _OFFICER, _SETTLED),
    Move(_P.SUSPENDED, "terminate", _P.TERMINATED, _OFFICER, _SETTLED),
    Move(_P.ACTIVE, "revoke", _P.REVOKED, _OFFICER, _SETTLED),
    Move(_P.SUSPENDED, "revoke", _P.REVOKED, _OFFICER, _SETTLED),
    Move(_P.ACTIVE, "fail", _P.FAILED, _OFFICER, N_("with what follows from it")),
)


def months_after(start: datetime, months: int) -> datetime:
    """The same day some months later, in Beijing; the month's last day when it has no such day."""
    local = start.astimezone(PLACE)
    year, month = divmod(local.month - 1 + months, 12)
    year, month = local.year + year, month + 1
    day = min(local.day, monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)


def require_running(project: ProjectState) -> None:
    """Raise IllegalMove unless the project is under way."""
    if project is _P.SIGNING:
        raise IllegalMove("The project begins when every party has confirmed its contract.")
    if project is _P.LAPSED:
        raise IllegalMove("The contract was not signed by its date; the project has lapsed.")
    if project is _P.SUSPENDED:
        raise IllegalMove("The project is suspended; nothing is done until it goes on.")
    if project in (_P.STOPPED, _P.TERMINATED, _P.REVOKED):
        raise IllegalMove("The project has ended; nothing in it changes any more.")
    if project is _P.FAILED:
        raise IllegalMove(
            "The acceptance of the project has failed; nothing in it changes any more."
        )
    if project is not _P.ACTIVE:
        raise IllegalMove("The project has been accepted; nothing in it changes any more.")


def require_words(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    if len(text.strip()) < REPORT_LENGTH:
        raise Invalid(field, "At least %(min)d characters, please.", min=REPORT_LENGTH)
