"""The life of a bid, and when it may be changed, opened and checked."""

from datetime import datetime, timedelta

from portal.challenges.rules import ChallengeState
from portal.core.errors import DeadlinePassed, IllegalMove, TooEarly
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded

OPENING_GRACE = timedelta(seconds=60)
"""A bid that was complete in time may still wait for its turn when the deadline comes: for a connection
of the pool (30 s), for locks (10 s), and for being sealed."""
REASON_MINIMUM = 10


class BidState(Worded):
    """Where a bid stands."""

    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("Submitted")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    OPENED = "opened", N_("Opened")
    CORRECTING = "correcting", N_("Correction asked for")
    ELIGIBLE = "eligible", N_("Passed the formal check")
    REJECTED = "rejected", N_("Did not pass the formal check")
    CONTESTED = "contested", N_("Refusal contested")
    WON = "won", N_("Selected")
    LOST = "lost", N_("Not selected")
    SET_ASIDE = "set_aside", N_("Did not open, set aside")


OPENED_STATES = frozenset(BidState) - {
    BidState.DRAFT,
    BidState.SUBMITTED,
    BidState.WITHDRAWN,
    BidState.SET_ASIDE,
}
"""The states in which others than the team may read a bid."""
UNOPENED = frozenset({BidState.SUBMITTED, BidState.SET_ASIDE})
"""What was handed in and cannot be read; after the opening, what did not open."""
HANDED_IN = OPENED_STATES | UNOPENED
CHECKING = frozenset({BidState.OPENED, BidState.CORRECTING, BidState.CONTESTED})
"""The states in which the formal check is not over."""
KEPT_SECRET = frozenset({ChallengeState.PUBLISHED, ChallengeState.CANCELLED})
"""States of a challenge in which nobody but the teams learns that there are bids: those of a cancelled
one are never opened. When it ends for want of bids, their number is published."""
ALIVE = CHECKING | {BidState.SUBMITTED, BidState.ELIGIBLE}
"""The states from which a bid may still win."""
PASSED = frozenset({BidState.ELIGIBLE, BidState.WON, BidState.LOST})

_S = BidState
_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")
BID_MOVES = Moves(
    "bid",
    _S.DRAFT,
    Move(_S.DRAFT, "submit", _S.SUBMITTED, _LEAD, N_("in time; complete; partners confirmed")),
    Move(_S.SUBMITTED, "submit", _S.SUBMITTED, _LEAD, N_("before the deadline; a new version")),
    Move(_S.SUBMITTED, "withdraw", _S.WITHDRAWN, _LEAD, N_("before the deadline")),
    Move(_S.WITHDRAWN, "submit", _S.SUBMITTED, _LEAD, N_("before the deadline; a new version")),
    Move(_S.SUBMITTED, "open", _S.OPENED, _OFFICER, N_("the deadline has passed")),
    Move(
        _S.SUBMITTED,
        "set_aside",
        _S.SET_ASIDE,
        _OFFICER,
        N_("it did not open; with a reason, or the date for handing in again has passed"),
    ),
    Move(_S.SET_ASIDE, "take_up", _S.SUBMITTED, _OFFICER, N_("the team's objection is upheld")),
    Move(_S.OPENED, "pass", _S.ELIGIBLE, _OFFICER, N_("every item of the formal check holds")),
    Move(_S.OPENED, "reject", _S.REJECTED, _OFFICER, N_("an item fails; with a reason")),
    Move(_S.OPENED, "correct", _S.CORRECTING, _OFFICER, N_("once; sections and a date are named")),
    Move(_S.CORRECTING, "answer", _S.OPENED, _LEAD, N_("in time; only the named sections differ")),
    Move(_S.CORRECTING, "lapse", _S.OPENED, _OFFICER, N_("the date has passed without an answer")),
    Move(_S.REJECTED, "reply", _S.CONTESTED, _LEAD, N_("once; within three working days")),
    Move(_S.CONTESTED, "uphold", _S.ELIGIBLE, _OFFICER, N_("another officer than who refused")),
    Move(_S.CONTESTED, "dismiss", _S.REJECTED, _OFFICER, N_("another officer; this is final")),
    Move(_S.ELIGIBLE, "recheck", _S.OPENED, _OFFICER, N_("an objection to the notice was upheld")),
    Move(_S.ELIGIBLE, "win", _S.WON, _OFFICER, N_("named in the confirmed notice")),
    Move(_S.ELIGIBLE, "lose", _S.LOST, _OFFICER, N_("not named in the confirmed notice")),
    Move(_S.WON, "forfeit", _S.LOST, _OFFICER, N_("its contract lapsed or was refused")),
    Move(_S.LOST, "step_in", _S.ELIGIBLE, _OFFICER, N_("the award is decided anew")),
)


class PartnerState(Worded):
    """Whether a partner has agreed to be on the team."""

    INVITED = "invited", N_("Invited")
    CONFIRMED = "confirmed", N_("Confirmed")
    DECLINED = "declined", N_("Declined")


_P = PartnerState
_PARTNER = N_("person of the partner")
PARTNER_MOVES = Moves(
    "partner",
    _P.INVITED,
    Move(_P.INVITED, "confirm", _P.CONFIRMED, _PARTNER, N_("before the deadline")),
    Move(_P.INVITED, "decline", _P.DECLINED, _PARTNER, N_("before the deadline")),
    Move(_P.CONFIRMED, "decline", _P.DECLINED, _PARTNER, N_("the bid is not submitted")),
    Move(_P.CONFIRMED, "ask_again", _P.INVITED, _LEAD, N_("what it does or brings was changed")),
    Move(_P.DECLINED, "ask_again", _P.INVITED, _LEAD, N_("what it does or brings was changed")),
)


def may_be_changed(state: BidState, closes_at: datetime, now: datetime) -> bool:
    """Whether the team may still change or submit the bid; the closing instant is late."""
    return state in (BidState.DRAFT, BidState.SUBMITTED, BidState.WITHDRAWN) and now < closes_at


def require_in_time(closes_at: datetime | None, stamp: datetime) -> None:
    """Refuse what comes at the closing instant or later. Raises DeadlinePassed."""
    if closes_at is None or stamp >= closes_at:
        raise DeadlinePassed(N_("The deadline has passed."))


def opens_at(closes_at: datetime) -> datetime:
    """When bids may be opened: a moment after the deadline."""
    return closes_at + OPENING_GRACE


def require_openable(closes_at: datetime | None, now: datetime) -> None:
    """Refuse an opening before its time. Raises TooEarly."""
    if closes_at is None or now < opens_at(closes_at):
        raise TooEarly(N_("Bids can be opened only after the deadline."))


def require_hopeless(tally: dict[BidState, int], least: int) -> None:
    """Refuse to close a challenge for which enough bids may still win. Raises IllegalMove."""
    if is_hopeful(tally, least):
        raise IllegalMove(N_("Enough bids may still win: they have to be opened and checked."))


def is_hopeful(tally: dict[BidState, int], least: int) -> bool:
    """Whether as many bids as the challenge asks for may still win."""
    return sum(tally.get(state, 0) for state in ALIVE) >= least


def require_enough(handed_in: int, least: int) -> None:
    """Refuse to open fewer bids than the challenge asks for. Raises IllegalMove."""
    if handed_in == 0:
        raise IllegalMove(N_("No bid was submitted. The challenge can be closed with a reason."))
    if handed_in < least:
        few = N_("Submitted: %(count)s; at least %(least)s are asked for. The bids stay closed.")
        raise IllegalMove(few, count=handed_in, least=least)


def require_passed(passed: int, least: int) -> None:
    """Refuse to review fewer bids than the challenge asks for. Raises IllegalMove."""
    if passed == 0:
        raise IllegalMove(N_("No bid has passed the formal check."))
    if passed < least:
        few = N_("Passed the formal check: %(count)s; at least %(least)s are asked for.")
        raise IllegalMove(few, count=passed, least=least)
