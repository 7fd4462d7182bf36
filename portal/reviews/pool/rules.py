"""What an expert stands for, the life of an entry in the pool, and what one may be asked."""

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class Stratum(Worded):
    """The part of the panel that a reviewer stands for."""

    TECHNICAL = "technical", N_("Technical")
    INDUSTRY = "industry", N_("Industry")
    FINANCE = "finance", N_("Finance")


class PoolState(Worded):
    """Where an expert's entry in the pool (专家库) stands."""

    PROPOSED = "proposed", N_("Waits for approval")
    ACTIVE = "active", N_("Can be drawn")
    RESTING = "resting", N_("Resting")
    REMOVED = "removed", N_("Not in the pool")


_PROPOSER = N_("officer, administrator, or the expert")
_OFFICER = N_("another officer")
_EXPERT = N_("the expert, or an officer")
_ANY_OFFICER = N_("officer")
_P = PoolState

POOL_MOVES = Moves(
    "reviewer",
    _P.PROPOSED,
    Move(_P.PROPOSED, "approve", _P.ACTIVE, _OFFICER, N_("neither who proposed nor the expert")),
    Move(_P.PROPOSED, "remove", _P.REMOVED, _ANY_OFFICER, N_("with a reason")),
    Move(_P.ACTIVE, "rest", _P.RESTING, _EXPERT, N_("is not drawn; seats taken are kept")),
    Move(_P.RESTING, "return", _P.ACTIVE, _EXPERT),
    Move(_P.ACTIVE, "remove", _P.REMOVED, _ANY_OFFICER, N_("with a reason")),
    Move(_P.RESTING, "remove", _P.REMOVED, _ANY_OFFICER, N_("with a reason")),
    Move(_P.REMOVED, "propose", _P.PROPOSED, _PROPOSER),
)


def is_full(held: int, more: int, most: int) -> bool:
    """Whether so many bids more are too many beside those held.

    Whoever has nothing to review can always be asked: a panel reads all bids of its challenge, however
    many; they may decline for that.
    """
    return held > 0 and held + more > most


LOAD = 10
"""How many bids at a time an expert takes unless they say otherwise."""
LOAD_MOST = 60
DISCIPLINES_MOST = 8
KEYWORDS_MOST = 20
KEYWORD_LENGTH = 40
