"""The life of a gathering: an officer begins it, two custodians come, or its time is over."""

from datetime import datetime, timedelta

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

WINDOW = timedelta(minutes=30)
"""So long the first share waits for a second."""


class GatheringState(Worded):
    """Where a gathering stands; that its time is over, the clock says before the portal notes it."""

    OPEN = "open", N_("Waiting for two custodians")
    MET = "met", N_("Two shares have come")
    CANCELLED = "cancelled", N_("Broken off")
    LAPSED = "lapsed", N_("Time over")


_G = GatheringState
_OFFICER = N_("officer of the issuing body")
_CUSTODIAN = N_("the custodian, with their own password")
GATHERING_MOVES = Moves(
    "gathering",
    _G.OPEN,
    Move(_G.OPEN, "come", _G.OPEN, _CUSTODIAN, N_("the first share; it is right")),
    Move(_G.OPEN, "meet", _G.MET, _CUSTODIAN, N_("a second share; the two open")),
    Move(_G.OPEN, "cancel", _G.CANCELLED, _OFFICER),
    Move(_G.OPEN, "lapse", _G.LAPSED, N_("the portal, in a task"), N_("half an hour is over")),
)


def is_running(state: GatheringState, ends_at: datetime, now: datetime) -> bool:
    """Whether custodians may still come; the last instant is late."""
    return state is GatheringState.OPEN and now < ends_at
