"""The life of a review round and of its seats."""

from datetime import datetime, timedelta

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class RoundKind(Worded):
    """Who scores what in a round."""

    PANEL = "panel", N_("Panel: each member scores every bid")
    POOL = "pool", N_("Pool: each expert scores some bids of a call")
    MEETING = "meeting", N_("Meeting of a panel")


class RoundState(Worded):
    """Where a round (评审轮次) stands."""

    INVITING = "inviting", N_("Inviting reviewers")
    SCORING = "scoring", N_("Scoring")
    RANKED = "ranked", N_("Ranked")
    CALLED_OFF = "called_off", N_("Called off")


_WORKER = N_("the portal, in a task")

_REVIEWER = N_("reviewer")

_OFFICER = N_("officer of the issuing body")

_R = RoundState

ROUND_MOVES = Moves(
    "round",
    _R.INVITING,
    Move(_R.INVITING, "score", _R.SCORING, _WORKER, N_("every seat has been accepted")),
    Move(_R.INVITING, "call_off", _R.CALLED_OFF, _OFFICER, N_("a panel that is not held")),
    Move(_R.SCORING, "reinvite", _R.INVITING, _WORKER, N_("a reviewer had to be replaced")),
    Move(_R.SCORING, "rank", _R.RANKED, _WORKER, N_("every score sheet is in")),
    Move(_R.RANKED, "reopen", _R.INVITING, _OFFICER, N_("a conflict was found late")),
)


class SeatState(Worded):
    """Where one reviewer's seat in a round stands."""

    INVITED = "invited", N_("Invited")
    ACCEPTED = "accepted", N_("Accepted")
    DECLINED = "declined", N_("Declined")
    REPLACED = "replaced", N_("Replaced, no answer in time")
    DONE = "done", N_("All sheets submitted")
    CONFLICTED = "conflicted", N_("Left because of a conflict of interest")


_T = SeatState
_ANYBODY = N_("reviewer, officer or the portal")
_FREED = N_("a conflict is declared, entered or found; the next in order is invited")

SEAT_MOVES = Moves(
    "seat",
    _T.INVITED,
    Move(_T.INVITED, "accept", _T.ACCEPTED, _REVIEWER, N_("declares no conflict")),
    Move(
        _T.INVITED,
        "decline",
        _T.DECLINED,
        _REVIEWER,
        N_("with a reason; the next in order is invited"),
    ),
    Move(_T.INVITED, "replace", _T.REPLACED, _WORKER, N_("no answer within the invitation's days")),
    Move(
        _T.ACCEPTED, "decline", _T.DECLINED, _REVIEWER, N_("found a conflict; the sheets are void")
    ),
    Move(_T.DONE, "resume", _T.ACCEPTED, _OFFICER, N_("a panel hears the next team")),
    Move(_T.ACCEPTED, "finish", _T.DONE, _REVIEWER, N_("the last sheet is submitted")),
    Move(_T.INVITED, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
    Move(_T.ACCEPTED, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
    Move(_T.DONE, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
)

SEATED = frozenset({SeatState.INVITED, SeatState.ACCEPTED, SeatState.DONE})

INVITATION_REMINDER = timedelta(days=1)

SHEETS_REMINDER = timedelta(days=3)
"""How long before its end a reviewer is reminded of a task."""


def reminder_is_due(
    due: datetime, ahead: timedelta, since: datetime, reminded_at: datetime | None, now: datetime
) -> bool:
    """Whether to remind of a task that began at `since` and ends at `due`: late, and once only."""
    return now >= due - ahead and (reminded_at is None or reminded_at < since)
