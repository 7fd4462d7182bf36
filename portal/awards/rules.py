"""The life of a notice and of an objection."""

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class NoticeState(Worded):
    """Where a notice (公示) stands; whether its window is over is a comparison with the clock."""

    DECIDED = "decided", N_("Decided, not yet published")
    PUBLISHED = "published", N_("Published")
    CONFIRMED = "confirmed", N_("Award confirmed")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


_OFFICER = N_("officer of the issuing body")
_N = NoticeState
NOTICE_MOVES = Moves(
    "notice",
    _N.DECIDED,
    Move(_N.DECIDED, "publish", _N.PUBLISHED, _OFFICER),
    Move(_N.PUBLISHED, "confirm", _N.CONFIRMED, _OFFICER, N_("the window is over, no objection open")),
    Move(_N.PUBLISHED, "withdraw", _N.WITHDRAWN, _OFFICER, N_("an objection was upheld")),
)


class ObjectionState(Worded):
    """Where an objection (异议) stands."""

    RAISED = "raised", N_("Raised")
    UPHELD = "upheld", N_("Upheld")
    DISMISSED = "dismissed", N_("Dismissed")


_O = ObjectionState
OBJECTION_MOVES = Moves(
    "objection",
    _O.RAISED,
    Move(_O.RAISED, "uphold", _O.UPHELD, _OFFICER, N_("with an answer")),
    Move(_O.RAISED, "dismiss", _O.DISMISSED, _OFFICER, N_("with an answer")),
)
