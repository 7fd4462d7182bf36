"""The life of a review round, its seats and sheets."""

from datetime import datetime, timedelta
from decimal import Decimal

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class RoundState(Worded):
    """Where a round (评审轮次) stands."""

    INVITING = "inviting", N_("Inviting reviewers")
    SCORING = "scoring", N_("Scoring")
    RANKED = "ranked", N_("Ranked")


_WORKER = N_("the portal, in a task")
_REVIEWER = N_("reviewer")
_R = RoundState
ROUND_MOVES = Moves(
    "round",
    _R.INVITING,
    Move(_R.INVITING, "score", _R.SCORING, _WORKER, N_("every seat has been accepted")),
    Move(_R.SCORING, "reinvite", _R.INVITING, _WORKER, N_("a reviewer had to be replaced")),
    Move(_R.SCORING, "rank", _R.RANKED, _WORKER, N_("every score sheet is in")),
)


class SeatState(Worded):
    """Where one reviewer's seat in a round stands."""

    INVITED = "invited", N_("Invited")
    ACCEPTED = "accepted", N_("Accepted")
    DECLINED = "declined", N_("Declined")
    REPLACED = "replaced", N_("Replaced, no answer in time")
    DONE = "done", N_("All sheets submitted")


_T = SeatState
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
    Move(_T.ACCEPTED, "finish", _T.DONE, _REVIEWER, N_("the last sheet is submitted")),
)
SEATED = frozenset({SeatState.INVITED, SeatState.ACCEPTED, SeatState.DONE})


class SheetState(Worded):
    """Where a score sheet (评分表) stands."""

    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("Submitted")
    VOID = "void", N_("Void")


_H = SheetState
SHEET_MOVES = Moves(
    "sheet",
    _H.DRAFT,
    Move(_H.DRAFT, "submit", _H.SUBMITTED, _REVIEWER, N_("every criterion scored; reasons given")),
    Move(_H.DRAFT, "void", _H.VOID, _WORKER, N_("the reviewer left the round")),
)


class Stratum(Worded):
    """The part of the panel that a reviewer stands for."""

    TECHNICAL = "technical", N_("Technical")
    INDUSTRY = "industry", N_("Industry")
    FINANCE = "finance", N_("Finance")


def reason_is_due(points: Decimal, weight: int) -> bool:
    """Whether points are extreme enough to need a reason: below 60 % or above 90 % of the weight."""
    return points * 100 < weight * 60 or points * 100 > weight * 90


INVITATION_REMINDER = timedelta(days=1)
SHEETS_REMINDER = timedelta(days=3)
"""How long before its end a reviewer is reminded of a task."""


def reminder_is_due(
    due: datetime, ahead: timedelta, since: datetime, reminded_at: datetime | None, now: datetime
) -> bool:
    """Whether to remind of a task that began at `since` and ends at `due`: late, and once only."""
    return now >= due - ahead and (reminded_at is None or reminded_at < since)
