"""The life of an assignment for a call, what is asked of it, and what an officer orders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

_OFFICER, _WORKER = N_("officer of the issuing body"), N_("the portal, in a task")


class AllotmentState(Worded):
    """Where the assignment for a call (评审分配) stands."""

    PREPARING = "preparing", N_("Being prepared")
    RELEASED = "released", N_("Invitations sent")


ALLOTMENT_MOVES = Moves(
    "allotment",
    AllotmentState.PREPARING,
    Move(
        AllotmentState.PREPARING,
        "release",
        AllotmentState.RELEASED,
        _OFFICER,
        N_("a round for each challenge, one invitation for each expert"),
    ),
)


class ScenarioState(Worded):
    """Where one solution stands."""

    WAITING = "waiting", N_("Being solved")
    SOLVED = "solved", N_("Solved")
    SHORT = "short", N_("Cannot be served")


_S = ScenarioState
SCENARIO_MOVES = Moves(
    "scenario",
    _S.WAITING,
    Move(_S.WAITING, "solve", _S.SOLVED, _WORKER, N_("every bid has its reviewers")),
    Move(_S.WAITING, "fall_short", _S.SHORT, _WORKER, N_("it says which bid lacks whom")),
)


class OrderKind(Worded):
    """What an officer orders of an expert and a bid, whatever the solution would be."""

    FIX = "fix", N_("Fixed")
    BAN = "ban", N_("Ruled out")


REVIEWS, REVIEWS_MOST = 5, 15
LOAD_MOST = 60
REASON_MINIMUM = 5


@dataclass(frozen=True)
class Wanted:
    """What a solution is asked for: reviewers a bid, at least so many of a stratum, the most bids that
    anybody gets (0: what they take), and whether the worst-served bid comes before the total."""

    reviews: int = REVIEWS
    fair: bool = True
    load_most: int = 0
    minima: Mapping[str, int] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As a scenario keeps it."""
        return {**asdict(self), "minima": dict(self.minima)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """As it was kept."""
        return cls(**kept)


def is_possible(wanted: Wanted) -> bool:
    """Whether the strata leave room: no more of them are asked for than reviewers."""
    return sum(wanted.minima.values()) <= wanted.reviews
