"""What may be decided about a bid that did not open, what to do first, and the team's objection."""

from collections.abc import Mapping
from datetime import datetime

from portal.bids.ceremony.rules import Gone, NotInLog, NotTheLast
from portal.bids.rules import REASON_MINIMUM
from portal.core.errors import Invalid
from portal.core.sealing import errors
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit, window_end

OBJECTION_DAYS = 3
"""Working days in which the team may object."""
NOT_RETURNED = N_(
    "The shares were lost, and the bid was not handed in again by the date that was set."
)
"""The portal's own reason, where the date of a loss decided it."""

_RESTORE = N_(
    "Let the administrator put the sealed file back from a backup (its name is its fingerprint), then "
    "enter two shares again."
)
_TAMPERED = N_(
    "Tell the auditor before anything else: the database does not say what the log says. Let the "
    "administrator put the row back from a backup, then enter two shares again."
)
_FAULTY = N_(
    "The file is whole, but what was sealed in it is faulty: trying again does not help. Set the bid "
    "aside; if the team objects and has its manifest, it hands the bid in again."
)
ADVICE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            Gone.words,
            errors.Altered.words,
            errors.Truncated.words,
            errors.Overlong.words,
            errors.NotAnEnvelope.words,
            errors.Misplaced.words,
            errors.WrongKey.words,
            errors.Substituted.words,
        ),
        _RESTORE,
    ),
    **dict.fromkeys((NotInLog.words, NotTheLast.words), _TAMPERED),
}
"""What the officer does first, by why the bid did not open."""


def advice(fault: str) -> str:
    """What the officer does about a fault, told by the words that were kept of it."""
    return ADVICE.get(fault, _FAULTY)


class Undecided(Worded):
    """Why a bid that did not open keeps the review waiting."""

    UNOPENED = "unopened", N_("it did not open: try again, or set it aside with a reason")
    RETURN = "return", N_("it may be handed in again until the date")
    RIGHT = "right", N_("it was set aside; the team may object until the date")
    OBJECTION = "objection", N_("the team's objection waits for its decision")


def objection_until(decided_at: datetime) -> datetime:
    """Until when the team may object."""
    return window_end(decided_at, OBJECTION_DAYS, DayUnit.WORKING)


def reason_problems(reason: str, field: str = "reason") -> list[Invalid]:
    """What is wrong with a reason that the other side reads."""
    if len(reason.strip()) >= REASON_MINIMUM:
        return []
    return [Invalid(field, N_("At least %(min)d characters, please."), min=REASON_MINIMUM)]
