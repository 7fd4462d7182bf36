"""The stage line of a challenge: past, now, next, with dates, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import object_session

from portal.challenges.finding.queries import followers_of
from portal.challenges.finding.rules import NEWS
from portal.challenges.keys.queries import is_ready
from portal.challenges.models import Challenge
from portal.challenges.needs import news as need_news
from portal.challenges.rules import CHALLENGE_MOVES, ChallengeState, Phase, phase
from portal.challenges.settings import ReviewMethod
from portal.core import outbox
from portal.core.outbox import Topic
from portal.core.words import N_


@dataclass(frozen=True)
class Stage:
    """One stage on the line; `state` is past, now or next."""

    label: str
    when: datetime | None
    state: str


@dataclass(frozen=True)
class Part:
    """A part of the line: in which phases a challenge is there, and the state it has its date from."""

    label: str
    phases: frozenset[Phase]
    state: ChallengeState


_S = ChallengeState
LINE = (
    Part(N_("Published"), frozenset(), _S.PUBLISHED),
    Part(N_("Bidding"), frozenset({Phase.OPEN}), _S.PUBLISHED),
    Part(N_("Opening"), frozenset({Phase.CLOSED}), _S.OPENED),
    Part(N_("Formal check"), frozenset({Phase.CHECKING}), _S.REVIEWING),
    Part(N_("Expert review"), frozenset({Phase.REVIEW}), _S.RANKED),
    Part(N_("Ranking"), frozenset({Phase.RANKED}), _S.RANKED),
    Part(N_("Public notice"), frozenset({Phase.NOTICE}), _S.NOTICED),
    Part(N_("Award"), frozenset(), _S.AWARDED),
    Part(N_("Acceptance"), frozenset({Phase.AWARDED}), _S.COMPLETED),
)
BIDDING, AWARD = 1, 7
NEXT = {
    Phase.DRAFT: N_("The issuing body is still writing; nobody else sees this page."),
    Phase.PROPOSED: N_("A second officer of the issuing body reads it and publishes it next."),
    Phase.OPEN: N_("Bids are taken until the deadline. Nobody reads them before the opening."),
    Phase.CLOSED: N_("The deadline has passed. The issuing body opens the bids next."),
    Phase.CHECKING: N_("The bids are open. Each gets its formal check, then the review begins."),
    Phase.REVIEW: N_("Experts score the bids. The ranking is computed when the last sheet is in."),
    Phase.RANKED: N_("The ranking stands. The issuing body decides and publishes its notice next."),
    Phase.NOTICE: N_("The notice is public. The award is confirmed after the objection window."),
    Phase.AWARDED: N_("The award stands. The project is followed until its acceptance."),
    Phase.COMPLETED: N_("Every project is accepted and stands in the public registry."),
    Phase.FAILED: N_("This challenge was closed without an award."),
    Phase.CANCELLED: N_("This challenge was cancelled."),
}

THEN_A_PANEL = N_(
    "Experts score the bids online, then a panel hears the best. The ranking follows."
)
WAITS_FOR_KEY = N_(
    "Bids can be written. They can be handed in as soon as the three custodians have proven the "
    "opening key."
)


def advance(challenge: Challenge, action: str, now: datetime) -> None:
    """Take a challenge along its lifecycle and keep the date, which it keeps when it comes back to a
    state, as from a notice that was withdrawn. Raises IllegalMove."""
    before = challenge.state
    CHALLENGE_MOVES.move(challenge, action)
    state, at = challenge.state, now.isoformat()
    known = challenge.reached.get(state.value) if _is_back(before, state) else None
    challenge.reached = {**challenge.reached, state.value: known or at}
    _announce(challenge, at)


def _is_back(before: ChallengeState, after: ChallengeState) -> bool:
    line = [part.state for part in LINE]
    return before in line and after in line and line.index(after) < line.index(before)


def _announce(challenge: Challenge, at: str) -> None:
    """Those who follow a challenge, or raised it as a need, are told of its new state by a task."""
    session = object_session(challenge)
    if session is None or challenge.state not in NEWS:
        return
    with session.no_autoflush:
        concerns_anybody = bool(followers_of(session, challenge.id)) or need_news.hears_of(
            session, challenge.id, challenge.state
        )
    if concerns_anybody:
        facts = {"challenge_id": challenge.id, "state": challenge.state.value, "at": at}
        outbox.announce(session, Topic.CHALLENGE_MOVED, **facts)


def stages_of(
    challenge: Challenge, now: datetime, ahead: Mapping[int, datetime] | None = None
) -> list[Stage]:
    """The nine stages as they stand at `now`, with their dates; labels are message ids.

    A stage still to come has a date only where one is fixed: the deadline for bids, and what is
    known `ahead`, by place on the line.
    """
    return _line(challenge, phase(challenge.state, challenge.closes_at, now), ahead or {})


def stages_once_published(challenge: Challenge, now: datetime) -> list[Stage]:
    """The stages of a draft as if it were published at `now`."""
    return _line(challenge, Phase.OPEN, {0: now})


def _line(challenge: Challenge, current: Phase, ahead: Mapping[int, datetime]) -> list[Stage]:
    here = _place(challenge, current)
    fixed: dict[int, datetime | None] = {**ahead, BIDDING: challenge.closes_at}
    return [
        Stage(
            part.label,
            (_reached(challenge, part.state) if i <= here and i != BIDDING else None)
            or fixed.get(i),
            "now" if i == here else "past" if i < here else "next",
        )
        for i, part in enumerate(LINE)
    ]


def _place(challenge: Challenge, current: Phase) -> int:
    if current is Phase.COMPLETED:
        return len(LINE)
    if current in (Phase.FAILED, Phase.CANCELLED):
        return sum(part.state.value in challenge.reached for part in LINE)
    return next((i for i, part in enumerate(LINE) if current in part.phases), 0)


def _reached(challenge: Challenge, state: ChallengeState) -> datetime | None:
    moment = challenge.reached.get(state.value)
    return datetime.fromisoformat(moment) if moment else None


def next_sentence(challenge: Challenge, now: datetime) -> str:
    """What happens next, as a message id."""
    current = phase(challenge.state, challenge.closes_at, now)
    session = object_session(challenge)
    if current is Phase.OPEN and session and not is_ready(session, challenge.id):
        return WAITS_FOR_KEY
    if current is Phase.REVIEW and challenge.rules.review_method is ReviewMethod.ONLINE_AND_PANEL:
        return THEN_A_PANEL
    return NEXT[current]
