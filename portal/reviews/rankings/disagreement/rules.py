"""When the sheets of a bid are far apart, whom that concerns, and the life of a disagreement. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from uuid import UUID

from portal.challenges.ranking_rule import OnDisagreement
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class DisagreementState(Worded):
    """Where a disagreement (评分分歧) stands."""

    ASKED = "asked", N_("Reasons asked for")
    DISCUSSING = "discussing", N_("In discussion")
    WIDENED = "widened", N_("A further reviewer is asked")
    SETTLED = "settled", N_("Settled")
    LAPSED = "lapsed", N_("Its time is over")


_WORKER = N_("the portal, in a task")
_OFFICER = N_("officer of the issuing body")
_EITHER = N_("the portal, or an officer with a reason")
_ANSWERED = N_("everybody who was asked has answered")
_OVER = N_("the days for it are over")
_D = DisagreementState

DISAGREEMENT_MOVES = Moves(
    "disagreement",
    _D.ASKED,
    Move(_D.ASKED, "settle", _D.SETTLED, _EITHER, _ANSWERED),
    Move(_D.ASKED, "discuss", _D.DISCUSSING, _EITHER, N_("by the challenge's rule, or by hand")),
    Move(_D.ASKED, "widen", _D.WIDENED, _EITHER, N_("by the challenge's rule, or by hand")),
    Move(_D.ASKED, "lapse", _D.LAPSED, _WORKER, _OVER),
    Move(_D.DISCUSSING, "settle", _D.SETTLED, _EITHER, _ANSWERED),
    Move(_D.DISCUSSING, "widen", _D.WIDENED, _OFFICER, N_("the discussion did not settle it")),
    Move(_D.DISCUSSING, "lapse", _D.LAPSED, _WORKER, _OVER),
    Move(_D.WIDENED, "settle", _D.SETTLED, _EITHER, N_("the further sheet is in")),
    Move(_D.WIDENED, "lapse", _D.LAPSED, _WORKER, _OVER),
)
OPEN = (DisagreementState.ASKED, DisagreementState.DISCUSSING, DisagreementState.WIDENED)
BEGINS: Mapping[OnDisagreement, str | None] = {
    OnDisagreement.REASONS: None,
    OnDisagreement.DISCUSSION: "discuss",
    OnDisagreement.THIRD: "widen",
}
"""With which move a disagreement begins by the challenge's rule; NOTE begins none."""


@dataclass(frozen=True)
class Limits:
    """From how many points on sheets are far apart; 0 is not looked at. `criterion` is in percent."""

    spread: int
    distance: int
    criterion: int


@dataclass(frozen=True)
class Marked:
    """One sheet: whose, its total, and its points by criterion in the rubric's order."""

    seat_id: UUID
    total: Decimal
    points: tuple[Decimal, ...]


@dataclass(frozen=True)
class Found:
    """What is far apart in the sheets of one bid, and whom it concerns."""

    spread: Decimal
    distance: Decimal
    criteria: tuple[int, ...]
    """The criteria, from 0, in which points are too far apart."""
    seats: frozenset[UUID]


def disagreement(sheets: Sequence[Marked], weights: Sequence[int], limits: Limits) -> Found | None:
    """Whether one bid's sheets are far apart: at the limit they are. None if not."""
    if len(sheets) < 2:
        return None
    totals = [sheet.total for sheet in sheets]
    middle = Decimal(median(totals))
    spread, distance = max(totals) - min(totals), max(abs(one - middle) for one in totals)
    concerned: set[UUID] = set()
    if limits.spread and spread >= limits.spread:
        concerned |= {s.seat_id for s in sheets if s.total in (max(totals), min(totals))}
    if limits.distance:
        concerned |= {s.seat_id for s in sheets if abs(s.total - middle) >= limits.distance}
    criteria = []
    for at, weight in enumerate(weights):
        given = [sheet.points[at] for sheet in sheets]
        if limits.criterion and (max(given) - min(given)) * 100 >= weight * limits.criterion:
            criteria.append(at)
            concerned |= {s.seat_id for s in sheets if s.points[at] in (max(given), min(given))}
    if not concerned:
        return None
    return Found(spread, distance, tuple(criteria), frozenset(concerned))
