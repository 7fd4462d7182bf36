"""The life of a record of breach of trust (失信): nobody is recorded without having been heard."""

from datetime import datetime, timedelta

from portal.core.errors import IllegalMove, Invalid, TooEarly
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import DayUnit, window_end

ANSWER_DAYS = 10
"""Working days in which the organisation may answer before anything is decided."""
YEARS = 3
"""How long a record stands (DOMAIN 1.12)."""
REASON_LENGTH = 20
NEAR = timedelta(days=3)
"""So long before the end of its time to answer an organisation is reminded."""


class Grounds(Worded):
    """What an organisation is charged with."""

    FALSE_PAPERS = "false_papers", N_("False documents or data")
    MISUSE = "misuse", N_("Public money misused")
    GIVEN_UP = "given_up", N_("Work given up without a reason")
    UNPAID = "unpaid", N_("Money claimed back was not paid")
    OTHER = "other", N_("Other serious breach")


class RecordState(Worded):
    """Where a record of breach of trust stands."""

    HEARING = "hearing", N_("The organisation may answer")
    ANSWERED = "answered", N_("Answered, to be decided")
    STANDING = "standing", N_("Recorded")
    DROPPED = "dropped", N_("Not recorded")
    LIFTED = "lifted", N_("Lifted")


_R = RecordState
_OTHER = N_("another officer of the office that proposed it")
_HEARD = N_("the organisation has answered, or its time is over")
RECORD_MOVES = Moves(
    "integrity_record",
    _R.HEARING,
    Move(_R.HEARING, "answer", _R.ANSWERED, N_("the organisation"), N_("within ten working days")),
    Move(_R.HEARING, "impose", _R.STANDING, _OTHER, _HEARD),
    Move(_R.HEARING, "drop", _R.DROPPED, _OTHER, N_("with a reason")),
    Move(_R.ANSWERED, "impose", _R.STANDING, _OTHER, _HEARD),
    Move(_R.ANSWERED, "drop", _R.DROPPED, _OTHER, N_("with a reason")),
    Move(_R.STANDING, "lift", _R.LIFTED, _OTHER, N_("with a reason")),
)
UNDECIDED = (_R.HEARING, _R.ANSWERED)


def answer_by(proposed_at: datetime) -> datetime:
    """The end of the time in which the organisation may answer."""
    return window_end(proposed_at, ANSWER_DAYS, DayUnit.WORKING)


def ends_at(starts_at: datetime) -> datetime:
    """When a record that begins at `starts_at` no longer counts."""
    try:
        return starts_at.replace(year=starts_at.year + YEARS)
    except ValueError:  # the 29th of February
        return starts_at.replace(year=starts_at.year + YEARS, day=28)


def counts(
    state: RecordState, starts: datetime | None, ends: datetime | None, at: datetime
) -> bool:
    """Whether a record is in force at a time; its last instant is not."""
    return state is _R.STANDING and starts is not None and ends is not None and starts <= at < ends


def require_in_time(until: datetime, now: datetime) -> None:
    """Raise IllegalMove when the time to answer is over."""
    if now >= until:
        raise IllegalMove("The time to answer is over.")


def require_heard(state: RecordState, until: datetime, now: datetime) -> None:
    """Raise TooEarly unless the organisation has answered or has had its time."""
    if state is _R.HEARING and now < until:
        raise TooEarly("The organisation still has time to answer.")


def require_reason(field: str, text: str) -> None:
    """Raise Invalid unless the text says something."""
    if len(text.strip()) < REASON_LENGTH:
        raise Invalid(field, "At least %(min)d characters, please.", min=REASON_LENGTH)
