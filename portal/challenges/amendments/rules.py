"""The life of an amendment, what counts as material, and how far it moves the deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.challenges.amendments.difference import Difference
from portal.challenges.rules import BIDDING_MAXIMUM, ChallengeState, Problem, accepts_bids
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE, is_workday


class AmendmentState(Worded):
    """Where an amendment stands; the public sees it once it is in force."""

    DRAFT = "draft", N_("Being written")
    PROPOSED = "proposed", N_("Waits for the second officer")
    APPLIED = "applied", N_("In force")
    DROPPED = "dropped", N_("Dropped")


_OFFICER = N_("officer of the issuing body")
_SECOND = N_("another officer of the issuing body")
_S = AmendmentState
AMENDMENT_MOVES = Moves(
    "amendment",
    _S.DRAFT,
    Move(_S.DRAFT, "propose", _S.PROPOSED, _OFFICER, N_("something changes; with a reason")),
    Move(_S.PROPOSED, "return", _S.DRAFT, _OFFICER, N_("the second officer's remarks are kept")),
    Move(
        _S.PROPOSED,
        "apply",
        _S.APPLIED,
        _SECOND,
        N_("before the deadline, or too few bids; nothing is opened"),
    ),
    Move(_S.DRAFT, "drop", _S.DROPPED, _OFFICER),
    Move(_S.PROPOSED, "drop", _S.DROPPED, _OFFICER),
)
LIVE = frozenset({AmendmentState.DRAFT, AmendmentState.PROPOSED})
"""A challenge has one amendment in the making at most: so nothing changes beneath it."""


class AmendmentKind(Worded):
    """What an amendment is about."""

    CHANGE = "change", N_("Amendment")
    EXTENSION = "extension", N_("Extension of the deadline")


IMMATERIAL = frozenset(
    {
        "title",
        "title_en",
        "summary",
        "summary_en",
        "background",
        "field",
        "chain_stage",
        "contact_name",
        "contact_phone",
        "contact_email",
        "closes_at",
        "question_days",
        "notice_days",
        "notice_unit",
        "invite_days",
        "review_days",
        "answer_remind_days",
        "review_remind_days",
        "late_days",
        "replace_days",
    }
)
"""What does not change what a bid has to be; everything else is material, whatever is added."""


def is_material(changed: Iterable[str]) -> bool:
    """Whether a bid may have to be written anew for these changes."""
    return bool(set(changed) - IMMATERIAL)


@dataclass(frozen=True)
class Window:
    """A deadline and the days that must remain for it after an amendment."""

    closes_at: datetime
    days: int

    def is_late(self, now: datetime) -> bool:
        """Whether fewer days remain than must."""
        return self.closes_at < now + timedelta(days=self.days)


def new_deadline(
    window: Window, wished: datetime | None, material: bool, now: datetime
) -> datetime:
    """When bids close once an amendment is in force at `now`: never earlier than before.

    A material or a late amendment leaves at least the window's days; the day it moves to is a
    working day, the hour is the old one. `wished` is the officer's own later deadline.
    """
    closes_at = max(window.closes_at, wished or window.closes_at)
    moved = Window(closes_at, window.days)
    if not (material or window.is_late(now)) or not moved.is_late(now):
        return closes_at
    return _working(now + timedelta(days=window.days), closes_at)


def _working(earliest: datetime, like: datetime) -> datetime:
    """The first moment from `earliest` on a working day at the hour of `like`, in Beijing."""
    hour: time = like.astimezone(PLACE).time()
    day = earliest.astimezone(PLACE).date()
    moment = datetime.combine(day, hour, PLACE)
    while moment < earliest or not is_workday(moment.date()):
        day += timedelta(days=1)
        moment = datetime.combine(day, hour, PLACE)
    return moment.astimezone(like.tzinfo)


def deadline_problems(
    before: datetime, wished: datetime | None, is_extension: bool, now: datetime
) -> list[Problem]:
    """What is wrong with the deadline that an officer wishes for."""
    if wished is None:
        return [Problem("closes_at", N_("Please fill this in."))]
    shorter = wished < before or (is_extension and wished == before)
    checks = [
        (shorter, N_("A deadline is never shortened: later than %(day)s, please.")),
        (is_extension and wished <= now, N_("The new deadline must be ahead.")),
        (wished > now + BIDDING_MAXIMUM, N_("The deadline must be within three years.")),
    ]
    day = before.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return [
        Problem("closes_at", text, {"day": day} if text == checks[0][1] else {})
        for wrong, text in checks
        if wrong
    ]


def change_problems(change: Difference, reason: str, minimum: int) -> list[Problem]:
    """What keeps an amendment from being proposed."""
    found = []
    if not change:
        found.append(Problem("changes", N_("Nothing is changed yet.")))
    if len(reason.strip()) < minimum:
        few = N_("At least %(min)d characters, please.")
        found.append(Problem("reason", few, {"min": minimum}))
    return found


def may_change_now(state: ChallengeState, closes_at: datetime | None, now: datetime) -> bool:
    """Whether the sheet may still be amended: until the deadline."""
    return accepts_bids(state, closes_at, now)


def may_extend_now(state: ChallengeState, opened_at: datetime | None) -> bool:
    """Whether the deadline may still be moved: until bids are opened, by number after it."""
    return state is ChallengeState.PUBLISHED and opened_at is None


def are_too_few(handed_in: int, least: int) -> bool:
    """Whether a challenge has fewer bids than its rules ask for, and may so be extended."""
    return handed_in < least
