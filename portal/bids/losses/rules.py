"""The life of a loss of shares, and how long teams have to hand their bids in again."""

from datetime import datetime
from uuid import UUID

from portal.bids.rules import REASON_MINIMUM
from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit, window_end

DAYS = 10
"""Working days for handing in again, unless the officer gives more."""
DAYS_LEAST, DAYS_MOST = 3, 30
HANDED_IN_AGAIN = N_(
    "Two of the three shares are lost. The teams hand in their bids again; then each gets its formal "
    "check."
)
"""What comes next, as long as they do."""


class LossState(Worded):
    """Where the loss of a challenge's shares stands."""

    DECLARED = "declared", N_("Declared, waits for a second person")
    CONFIRMED = "confirmed", N_("Bids are handed in again")
    DISMISSED = "dismissed", N_("Not confirmed")
    TAKEN_BACK = "taken_back", N_("Taken back")
    CONCLUDED = "concluded", N_("Concluded")


_L = LossState
_OFFICER = N_("officer of the issuing body")
_SECOND = N_("another officer of the issuing body, or an auditor (four eyes)")
LOSS_MOVES = Moves(
    "loss of shares",
    _L.DECLARED,
    Move(_L.DECLARED, "confirm", _L.CONFIRMED, _SECOND, N_("bids wait to be opened")),
    Move(_L.DECLARED, "dismiss", _L.DISMISSED, _SECOND, N_("with a reason")),
    Move(_L.DECLARED, "take_back", _L.TAKEN_BACK, _OFFICER, N_("by whoever declared it")),
    Move(
        _L.CONFIRMED,
        "conclude",
        _L.CONCLUDED,
        N_("the portal, in a task"),
        N_("the date has passed, or every bid is open"),
    ),
)
STANDING = frozenset({LossState.DECLARED, LossState.CONFIRMED})


def declaring_problems(reason: str, days: int) -> list[Invalid]:
    """What is wrong with a declaration, of which everybody reads the reason."""
    found = reason_problems(reason)
    if not DAYS_LEAST <= days <= DAYS_MOST:
        text = N_("From %(least)s to %(most)s working days, please.")
        found.append(Invalid("days", text, least=DAYS_LEAST, most=DAYS_MOST))
    return found


def reason_problems(reason: str, field: str = "reason") -> list[Invalid]:
    """What is wrong with a reason."""
    if len(reason.strip()) >= REASON_MINIMUM:
        return []
    return [Invalid(field, N_("At least %(min)d characters, please."), min=REASON_MINIMUM)]


def until(confirmed_at: datetime, days: int) -> datetime:
    """Until when bids are handed in again: so many full working days after the day."""
    return window_end(confirmed_at, days, DayUnit.WORKING)


def is_second_person(declared_by: UUID, person: UUID) -> bool:
    """Whether a person may decide on a declaration: nobody decides on their own."""
    return person != declared_by


def is_over(ends: datetime, waiting: int, now: datetime) -> bool:
    """Whether nothing more is waited for; the last instant is late."""
    return now >= ends or waiting == 0
