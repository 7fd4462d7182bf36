"""The life of a score sheet, and when it needs a reason."""

from decimal import Decimal

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

_WORKER = N_("the portal, in a task")

_REVIEWER = N_("reviewer")
_OFFICER = N_("officer of the issuing body")


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
    Move(
        _H.SUBMITTED,
        "reopen",
        _H.DRAFT,
        _OFFICER,
        N_("two of them, with a reason; what it said is kept"),
    ),
    Move(_H.DRAFT, "void", _H.VOID, _WORKER, N_("the reviewer left the round")),
    Move(
        _H.SUBMITTED,
        "void",
        _H.VOID,
        _WORKER,
        N_("the reviewer left a panel, or a conflict of interest was found late"),
    ),
)


class ReturnState(Worded):
    """Where an officer's wish to give a sheet back stands."""

    ASKED = "asked", N_("A second officer is asked")
    AGREED = "agreed", N_("Given back")
    REFUSED = "refused", N_("Refused")


_N = ReturnState

RETURN_MOVES = Moves(
    "sheet_return",
    _N.ASKED,
    Move(_N.ASKED, "agree", _N.AGREED, _OFFICER, N_("not the one who asked; it is a draft again")),
    Move(_N.ASKED, "refuse", _N.REFUSED, _OFFICER, N_("the sheet stays as it was submitted")),
)

REASON_MINIMUM = 20
"""Characters of a reason: for an extreme score, or for giving a sheet back."""


def reason_is_due(points: Decimal, weight: int) -> bool:
    """Whether points are extreme enough to need a reason: below 60 % or above 90 % of the weight."""
    return points * 100 < weight * 60 or points * 100 > weight * 90
