"""The life of a review round and of its seats."""

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


UNDER_WAY = frozenset({RoundState.INVITING, RoundState.SCORING})
"""In which answers or sheets are awaited."""

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
    Move(_R.INVITING, "close", _R.SCORING, _OFFICER, N_("with a reason; enough sheets are in")),
    Move(_R.SCORING, "rank", _R.RANKED, _WORKER, N_("every score sheet is in")),
    Move(
        _R.RANKED,
        "reopen",
        _R.INVITING,
        _OFFICER,
        N_("a conflict was found late, or an objection to the notice was upheld"),
    ),
)


class SeatState(Worded):
    """Where one reviewer's seat in a round stands."""

    INVITED = "invited", N_("Invited")
    ACCEPTED = "accepted", N_("Accepted")
    DECLINED = "declined", N_("Declined")
    REPLACED = "replaced", N_("Replaced by the next in order")
    EXCUSED = "excused", N_("Excused")
    LEFT_OUT = "left_out", N_("Left out when the round was closed")
    DONE = "done", N_("All sheets submitted")
    CONFLICTED = "conflicted", N_("Left because of a conflict of interest")


_T = SeatState
_ANYBODY = N_("reviewer, officer or the portal")
_WORKER_OR_OFFICER = N_("the portal, or an officer")
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
    Move(
        _T.INVITED,
        "replace",
        _T.REPLACED,
        _WORKER_OR_OFFICER,
        N_("no answer within the invitation's days, or with a reason"),
    ),
    Move(
        _T.ACCEPTED,
        "replace",
        _T.REPLACED,
        _WORKER_OR_OFFICER,
        N_("sheets are late by the days of the plan, or with a reason"),
    ),
    Move(_T.INVITED, "excuse", _T.EXCUSED, _OFFICER, N_("with a reason; the next is invited")),
    Move(_T.ACCEPTED, "excuse", _T.EXCUSED, _OFFICER, N_("with a reason; the next is invited")),
    Move(
        _T.DONE, "excuse", _T.EXCUSED, _OFFICER, N_("an objection was upheld: others review again")
    ),
    Move(_T.INVITED, "close", _T.LEFT_OUT, _OFFICER, N_("the round goes on without them")),
    Move(_T.ACCEPTED, "close", _T.LEFT_OUT, _OFFICER, N_("the round goes on without them")),
    Move(
        _T.ACCEPTED, "decline", _T.DECLINED, _REVIEWER, N_("found a conflict; the sheets are void")
    ),
    Move(_T.DONE, "resume", _T.ACCEPTED, _OFFICER, N_("a panel hears the next team")),
    Move(_T.ACCEPTED, "finish", _T.DONE, _REVIEWER, N_("the last sheet is submitted")),
    Move(_T.DONE, "reopen", _T.ACCEPTED, _OFFICER, N_("a sheet is given back, with a reason")),
    Move(_T.INVITED, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
    Move(_T.ACCEPTED, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
    Move(_T.DONE, "conflict", _T.CONFLICTED, _ANYBODY, _FREED),
)

SEATED = frozenset({SeatState.INVITED, SeatState.ACCEPTED, SeatState.DONE})
