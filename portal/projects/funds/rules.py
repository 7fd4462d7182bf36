"""The life of a tranche, how public money is shared out, and how it waits for the team's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.core.errors import IllegalMove, Invalid
from portal.core.money import CENT, PUBLIC_SOURCES, FundSource, split, wan
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import ProjectState

PAY_WITHIN = timedelta(days=15)
"""So long a tranche may be due before the officers are reminded."""
WHOLE = 100

_OFFICER = N_("officer of the issuing body")
_PORTAL = N_("the portal, in a task")


class TrancheState(Worded):
    """Where a tranche (拨款) stands."""

    PLANNED = "planned", N_("Waiting for its gate")
    DUE = "due", N_("Due")
    PAID = "paid", N_("Paid")
    BLOCKED = "blocked", N_("Blocked")
    CANCELLED = "cancelled", N_("Cancelled")


class ReceiptState(Worded):
    """Where the record of own money stands."""

    REPORTED = "reported", N_("Waits to be confirmed")
    CONFIRMED = "confirmed", N_("Confirmed")
    REFUSED = "refused", N_("Not confirmed")


class ReversalState(Worded):
    """Where the counter-entry (红字冲销) of a payment stands."""

    PROPOSED = "proposed", N_("Waits for a second person")
    CONFIRMED = "confirmed", N_("Counter-entry made")
    DROPPED = "dropped", N_("Not taken back")


_T, _R, _V = TrancheState, ReceiptState, ReversalState
PAYING = frozenset({ProjectState.ACTIVE, ProjectState.ACCEPTED, ProjectState.STOPPED})
"""States of a project in which what is due is paid; a lane that stopped is paid what it earned."""

TRANCHE_MOVES = Moves(
    "tranche",
    _T.PLANNED,
    Move(
        _T.PLANNED,
        "release",
        _T.DUE,
        _PORTAL,
        N_("its milestone is accepted, its contract signed, or its project accepted"),
    ),
    Move(_T.PLANNED, "block", _T.BLOCKED, _PORTAL, N_("its milestone has failed")),
    Move(_T.DUE, "pay", _T.PAID, _OFFICER, N_("with the voucher of its last payment")),
    Move(_T.PAID, "reopen", _T.DUE, _OFFICER, N_("a payment from it was wrong: counter-entry")),
    Move(_T.PLANNED, "cancel", _T.CANCELLED, _PORTAL, N_("its project has ended early")),
    Move(
        _T.DUE,
        "cancel",
        _T.CANCELLED,
        _PORTAL,
        N_("its project was terminated or revoked, or has failed"),
    ),
)
RECEIPT_MOVES = Moves(
    "own_money",
    _R.REPORTED,
    Move(_R.REPORTED, "confirm", _R.CONFIRMED, _OFFICER, N_("not who recorded it")),
    Move(_R.REPORTED, "refuse", _R.REFUSED, _OFFICER, N_("with a reason")),
)
REVERSAL_MOVES = Moves(
    "reversal",
    _V.PROPOSED,
    Move(_V.PROPOSED, "confirm", _V.CONFIRMED, _OFFICER, N_("not who proposed it")),
    Move(_V.PROPOSED, "drop", _V.DROPPED, _OFFICER, N_("with a reason")),
)
CORRECTING = PAYING | {ProjectState.SUSPENDED}
"""States of a project in which a payment is corrected; later its settlement rests on the figures."""


def require_correcting(project: ProjectState) -> None:
    """Raise IllegalMove where nothing paid is corrected any more."""
    if project not in CORRECTING:
        raise IllegalMove(
            "No payment is corrected in a project whose state is “%(state)s”.", state=project
        )


def tranche_amounts(total: Decimal, shares: Sequence[int]) -> list[Decimal]:
    """Yuan of one source for each milestone, exact in sum; a share of 0 releases nothing."""
    paying = [Decimal(share) for share in shares if share > 0]
    parts = split(total, paying) if paying else []
    if any(part < 0 for part in parts):  # rounding up a few cents can leave less than none
        parts = [*[Decimal(0)] * (len(paying) - 1), total]
    left = iter(parts)
    return [next(left) if share > 0 else Decimal(0) for share in shares]


@dataclass(frozen=True)
class Matching:
    """How far public money may be paid, in view of the team's own; all in yuan.

    `ahead` percent of the public money may be paid before any own money (自筹) is there; the rest in
    the proportion in which it has come. 0: own money first; 100: no such rule.
    """

    ahead: int
    public: Decimal
    public_paid: Decimal
    own: Decimal
    own_received: Decimal

    @property
    def applies(self) -> bool:
        """Whether public money waits for the team's own."""
        return self.ahead < WHOLE and self.own > 0

    @property
    def allowed(self) -> Decimal:
        """How much public money may have been paid by now, cut off at the cent."""
        if not self.applies:
            return self.public
        public, own, received = _cents(self.public), _cents(self.own), _cents(self.own_received)
        part = public * (self.ahead * own + (WHOLE - self.ahead) * received) // (WHOLE * own)
        return (Decimal(part) * CENT).quantize(CENT)

    @property
    def payable(self) -> Decimal:
        """How much public money can be paid now."""
        return max(self.allowed - self.public_paid, Decimal(0))

    def own_needed(self, payment: Decimal) -> Decimal:
        """How much own money must have come for this payment, rounded up to the cent."""
        if not self.applies:
            return Decimal(0)
        public, own = _cents(self.public), _cents(self.own)
        beyond = WHOLE * _cents(self.public_paid + payment) - self.ahead * public
        needed = -(-beyond * own // ((WHOLE - self.ahead) * public)) if public else 0
        return (Decimal(max(needed, 0)) * CENT).quantize(CENT)

    def facts(self, payment: Decimal) -> dict[str, object]:
        """The figures of what is short, in 万元, for a sentence."""
        return {
            "received": wan(self.own_received),
            "own": wan(self.own),
            "needed": wan(self.own_needed(payment)),
            "payable": wan(self.payable),
        }


def _cents(amount: Decimal) -> int:
    return int(amount / CENT)


def matching(
    ahead: int, contracted: Mapping[FundSource, Decimal], received: Mapping[FundSource, Decimal]
) -> Matching:
    """The rule for a project, from yuan contracted and received by source."""

    def total(amounts: Mapping[FundSource, Decimal], public: bool) -> Decimal:
        return sum(
            (value for source, value in amounts.items() if (source in PUBLIC_SOURCES) is public),
            Decimal(0),
        )

    return Matching(
        ahead,
        total(contracted, True),
        total(received, True),
        total(contracted, False),
        total(received, False),
    )


SHORT = N_(
    "Own money is short: %(received)s of %(own)s (10,000 yuan) has come. This payment needs %(needed)s; "
    "until more comes, %(payable)s (10,000 yuan) of public money can be paid."
)


def require_payment(amount: Decimal, left: Decimal, fund_left: Decimal, rule: Matching) -> None:
    """Raise Invalid unless this much can be paid of a tranche now."""
    if amount <= 0:
        raise Invalid("amount", "This must be more than nothing.")
    if amount > left:
        raise Invalid(
            "amount", "Only %(left)s (10,000 yuan) of this tranche is left.", left=wan(left)
        )
    if amount > fund_left:
        raise Invalid("amount", "This would pay more than the contract has from this source.")
    if amount > rule.payable:
        raise Invalid("amount", SHORT, **rule.facts(amount))


def require_voucher(voucher: str, paid_on: date | None, today: date, has_file: bool) -> None:
    """Raise Invalid unless a payment has its voucher: number, day and file."""
    if not voucher:
        raise Invalid("voucher", "Please fill this in.")
    require_past(paid_on, "paid_on", today)
    if not has_file:
        raise Invalid("file", "Please add a file that shows it.")


def require_document(document: str, received_on: date | None, today: date, has_file: bool) -> None:
    """Raise Invalid unless own money has its evidence: number, day and file."""
    if not document:
        raise Invalid("document", "Please fill this in.")
    require_past(received_on, "received_on", today)
    if not has_file:
        raise Invalid("file", "Please add a file that shows it.")


def require_past(day: date | None, field: str, today: date) -> None:
    """Raise Invalid unless the day has come."""
    if day is None:
        raise Invalid(field, "Please enter a date.")
    if day > today:
        raise Invalid(field, "This must not lie in the future.")


def require_own_money(
    source: FundSource, amount: Decimal, contracted: Decimal | None, known: Decimal
) -> None:
    """Raise Invalid unless this much more of the team's own money fits the contract.

    `known` is what has been recorded from the source so far, confirmed or waiting.
    """
    if source in PUBLIC_SOURCES:
        raise Invalid("source", "Public money is paid in tranches, not recorded here.")
    if contracted is None:
        raise Invalid("source", "The contract has no money from this source.")
    if amount <= 0:
        raise Invalid("amount", "This must be more than nothing.")
    if known + amount > contracted:
        raise Invalid("amount", "This is more than the contract has from this source.")


def require_payable_project(project: ProjectState) -> None:
    """Raise IllegalMove while nothing may be paid in a project."""
    if project not in PAYING:
        raise IllegalMove("Nothing is paid in a project whose state is “%(state)s”.", state=project)
