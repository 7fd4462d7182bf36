"""The life of a tranche, how public money is shared out, and the team's own money."""

from collections.abc import Sequence
from decimal import Decimal

from portal.core.errors import Invalid
from portal.core.money import PUBLIC_SOURCES, FundSource, split
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

_OFFICER = N_("officer of the issuing body")


class TrancheState(Worded):
    """Where a tranche (拨款) stands."""

    PLANNED = "planned", N_("Waiting for its milestone")
    DUE = "due", N_("Due")
    PAID = "paid", N_("Paid")


_T = TrancheState


TRANCHE_MOVES = Moves(
    "tranche",
    _T.PLANNED,
    Move(
        _T.PLANNED, "release", _T.DUE, N_("the portal, in a task"), N_("its milestone is accepted")
    ),
    Move(_T.DUE, "pay", _T.PAID, _OFFICER, N_("with a voucher number")),
)


def tranche_amounts(total: Decimal, shares: Sequence[int]) -> list[Decimal]:
    """Yuan of one source for each milestone, exact in sum; a share of 0 releases nothing."""
    paying = [Decimal(share) for share in shares if share > 0]
    parts = split(total, paying) if paying else []
    if any(part < 0 for part in parts):  # rounding up a few cents can leave less than none
        parts = [*[Decimal(0)] * (len(paying) - 1), total]
    left = iter(parts)
    return [next(left) if share > 0 else Decimal(0) for share in shares]


def require_own_money(source: FundSource, amount: Decimal, contracted: Decimal | None) -> None:
    """Raise Invalid unless this much of the team's own money fits the contract."""
    if source in PUBLIC_SOURCES:
        raise Invalid("source", "Public money is paid in tranches, not recorded here.")
    if contracted is None:
        raise Invalid("source", "The contract has no money from this source.")
    if amount < 0:
        raise Invalid("amount", "This must not be negative.")
    if amount > contracted:
        raise Invalid("amount", "This is more than the contract has from this source.")
