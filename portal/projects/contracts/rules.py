"""The life of a contract, what may be negotiated, and until when it is signed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from portal.accounts.rules import Level
from portal.challenges.rules import Operator
from portal.core.errors import DeadlinePassed, IllegalMove, Invalid, InvalidInput
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE, DayUnit, window_end
from portal.projects.contracts.terms import Clause, IndicatorTerm, Terms

SIGN_DAYS = 30
"""Calendar days from the confirmed award to the last party's confirmation (DOMAIN 1.10)."""
REMIND_BEFORE = timedelta(days=10)
"""So long before the date everybody who has not confirmed is reminded."""
REASON_LENGTH = 10
LONGEST = 120
"""Months that any work may take; a longer plan is a slip of the pen."""
SIGNING_SHARE = "signing_share"
"""How forms call the share of the signing, at which a wrong sum is told."""


class ContractState(Worded):
    """Where a contract (任务书) stands."""

    NEGOTIATING = "negotiating", N_("Being negotiated")
    FROZEN = "frozen", N_("Frozen, to be confirmed")
    SIGNED = "signed", N_("Confirmed by all parties")
    LAPSED = "lapsed", N_("Lapsed")
    REFUSED = "refused", N_("Refused by a party")


_C = ContractState
_OFFICER = N_("officer of the issuing body")
_EITHER = N_("lead of the team, or officer of the issuing body")
_PORTAL = N_("the portal, in a task")
_LATE = N_("not confirmed by all parties by the date")
_PARTY = N_("a party that has not confirmed")
_NEW_DATE = N_("a new date with a reason; nobody has stepped in")
CONTRACT_MOVES = Moves(
    "contract",
    _C.NEGOTIATING,
    Move(_C.NEGOTIATING, "change", _C.NEGOTIATING, _EITHER, N_("with a reason")),
    Move(
        _C.NEGOTIATING,
        "freeze",
        _C.FROZEN,
        _OFFICER,
        N_("both levels have consented where a target became easier than the bid"),
    ),
    Move(_C.FROZEN, "change", _C.NEGOTIATING, _EITHER, N_("with a reason; confirmations are void")),
    Move(_C.FROZEN, "sign", _C.SIGNED, N_("the last party"), N_("every party has confirmed it")),
    Move(_C.NEGOTIATING, "lapse", _C.LAPSED, _PORTAL, _LATE),
    Move(_C.FROZEN, "lapse", _C.LAPSED, _PORTAL, _LATE),
    Move(_C.NEGOTIATING, "refuse", _C.REFUSED, _PARTY, N_("with a reason")),
    Move(_C.FROZEN, "refuse", _C.REFUSED, _PARTY, N_("with a reason")),
    Move(_C.NEGOTIATING, "extend", _C.NEGOTIATING, _OFFICER, _NEW_DATE),
    Move(_C.FROZEN, "extend", _C.FROZEN, _OFFICER, _NEW_DATE),
    Move(_C.LAPSED, "extend", _C.NEGOTIATING, _OFFICER, _NEW_DATE),
    Move(_C.REFUSED, "extend", _C.NEGOTIATING, _OFFICER, _NEW_DATE),
)
UNSIGNED = (_C.NEGOTIATING, _C.FROZEN)
UNDONE = (_C.LAPSED, _C.REFUSED)
"""It was not signed: a new date, or the next in order."""
LEVELS = (Level.CITY, Level.DISTRICT)
"""Whose consent it takes to make a target easier than the bid."""


def sign_by(awarded_at: datetime) -> datetime:
    """The end of the last day on which the contract may be signed."""
    return window_end(awarded_at, SIGN_DAYS, DayUnit.CALENDAR)


def end_of(day: date) -> datetime:
    """The end of a day in Beijing."""
    return datetime.combine(day + timedelta(days=1), time(), PLACE).astimezone(UTC)


def latest_day(sign_by: datetime, now: datetime) -> date:
    """The last day to which the signing may be put off: as long again as there was at first."""
    return last_day(window_end(max(sign_by, now), SIGN_DAYS, DayUnit.CALENDAR))


def last_day(end: datetime) -> date:
    """The day in Beijing that ends then."""
    return (end - timedelta(seconds=1)).astimezone(PLACE).date()


def check_extension(sign_by: datetime, day: date, reason: str, now: datetime) -> None:
    """Raise InvalidInput unless a new date is later, not too late, and has a reason."""
    latest = latest_day(sign_by, now)
    problems = []
    if end_of(day) <= max(sign_by, now):
        problems.append(
            Invalid("until", "The new date comes after the one that holds, and after today.")
        )
    elif day > latest:
        text = N_("The signing can be put off to %(latest)s at most.")
        problems.append(Invalid("until", text, latest=latest.isoformat()))
    if len(reason.strip()) < REASON_LENGTH:
        problems.append(
            Invalid("reason", "At least %(min)d characters, please.", min=REASON_LENGTH)
        )
    if problems:
        raise InvalidInput(problems)


def require_in_time(sign_by: datetime, now: datetime) -> None:
    """Raise DeadlinePassed when the contract can no longer be signed, whatever its state says."""
    if now >= sign_by:
        raise DeadlinePassed("The date by which this contract had to be signed has passed.")


def is_eased(row: IndicatorTerm, bid: IndicatorTerm) -> bool:
    """Whether the contract would bind to less than the bid promised."""
    new, old = row.promised_value, bid.promised_value
    if new == old or old is None or row.operator in (Operator.BETWEEN, Operator.QUALITATIVE):
        return False
    if new is None or row.operator is Operator.EQUAL:
        return True
    return new < old if row.operator is Operator.AT_LEAST else new > old


def eased(terms: Terms, bid: Terms) -> tuple[IndicatorTerm, ...]:
    """The indicators for which less is promised than in the bid."""
    before = {row.position: row for row in bid.indicators}
    return tuple(row for row in terms.indicators if is_eased(row, before[row.position]))


def require_consents(terms: Terms, bid: Terms, given: Iterable[Level]) -> None:
    """Raise IllegalMove when a target is easier than the bid, and a level has not consented."""
    missing = set(LEVELS) - set(given)
    if missing and eased(terms, bid):
        raise IllegalMove(
            "A target is easier than the bid promised: city and district have to consent first."
        )


def check_change(before: Terms, after: Terms, reason: str) -> None:
    """Raise InvalidInput unless `after` changes negotiable parts only, and something of them."""
    problems = [*_plan_problems(after), *_target_problems(after), *_text_problems(after)]
    if len(reason.strip()) < REASON_LENGTH:
        problems.append(
            Invalid("reason", "At least %(min)d characters, please.", min=REASON_LENGTH)
        )
    if not problems and before == after:
        problems.append(Invalid("reason", "Nothing was changed."))
    if not problems and settled(before) != settled(after):
        raise IllegalMove("This part of the contract comes from the bid and is not negotiated.")
    if problems:
        raise InvalidInput(problems)


def settled(terms: Terms) -> Terms:
    """The terms without what may be negotiated: what is left comes from challenge and bid."""
    return replace(
        terms,
        indicators=tuple(
            replace(row, promised_value=None, test_method="") for row in terms.indicators
        ),
        milestones=tuple(
            replace(row, month=0, deliverable="", share=0) for row in terms.milestones
        ),
        signing_share=0,
        acceptance_share=0,
        clauses={},
    )


def _plan_problems(terms: Terms) -> list[Invalid]:
    found = []
    last = 0
    for place, row in enumerate(terms.milestones):
        if not last < row.month <= LONGEST:
            text = N_("Each milestone comes after the one before, within %(most)d months.")
            found.append(Invalid(f"milestones.{place}.month", text, most=LONGEST))
        last = row.month
    if any(share < 0 for share in terms.shares) or sum(terms.shares) != 100:
        text = N_(
            "The shares of signing, milestones and acceptance must sum to 100; now they are %(sum)d."
        )
        found.append(Invalid(SIGNING_SHARE, text, sum=sum(terms.shares)))
    return found


def _target_problems(terms: Terms) -> list[Invalid]:
    found = []
    for place, row in enumerate(terms.indicators):
        at = f"indicators.{place}.promised_value"
        if row.operator is Operator.QUALITATIVE:
            continue
        if row.promised_value is None:
            if row.mandatory:
                found.append(Invalid(at, "A value is needed here."))
        elif row.mandatory and not row.asked.is_met_by(row.promised_value):
            text = N_("This is less than the challenge asks (%(asked)s), whoever consents.")
            found.append(Invalid(at, text, asked=row.asked_words))
    return found


def _text_problems(terms: Terms) -> list[Invalid]:
    needed = N_("Please fill this in.")
    found = [
        Invalid(f"indicators.{place}.test_method", needed)
        for place, row in enumerate(terms.indicators)
        if not row.test_method.strip()
    ]
    found += [
        Invalid(f"milestones.{place}.deliverable", needed)
        for place, row in enumerate(terms.milestones)
        if not row.deliverable.strip()
    ]
    return found + [
        Invalid(clause.value, needed) for clause in Clause if not terms.clauses[clause].strip()
    ]
