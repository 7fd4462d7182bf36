"""The stage line of a challenge: past, now, next, with dates, and what happens next."""

from dataclasses import dataclass
from datetime import datetime

from portal.challenges.models import Challenge
from portal.challenges.rules import Phase, phase
from portal.core.words import N_


@dataclass(frozen=True)
class Stage:
    """One stage on the line; `state` is past, now or next."""

    label: str
    when: datetime | None
    state: str


LINE = (
    (N_("Published"), frozenset[Phase]()),
    (N_("Bidding"), frozenset({Phase.OPEN})),
    (N_("Opening"), frozenset({Phase.CLOSED})),
    (N_("Formal check"), frozenset({Phase.CHECKING})),
    (N_("Expert review"), frozenset({Phase.REVIEW})),
    (N_("Ranking"), frozenset({Phase.RANKED})),
    (N_("Public notice"), frozenset({Phase.NOTICE})),
    (N_("Award"), frozenset({Phase.AWARDED})),
    (N_("Acceptance"), frozenset[Phase]()),
)
NEXT = {
    Phase.DRAFT: N_("The issuing body is still writing; nobody else sees this page."),
    Phase.OPEN: N_("Bids are taken until the deadline. Nobody reads them before the opening."),
    Phase.CLOSED: N_("The deadline has passed. The issuing body opens the bids next."),
    Phase.CHECKING: N_("The bids are open. Each gets its formal check, then the review begins."),
    Phase.REVIEW: N_("Experts score the bids. The ranking is computed when the last sheet is in."),
    Phase.RANKED: N_("The ranking stands. The issuing body decides and publishes its notice next."),
    Phase.NOTICE: N_("The notice is public. The award is confirmed after the objection window."),
    Phase.AWARDED: N_("The award stands. The project is followed until its acceptance."),
    Phase.FAILED: N_("This challenge was closed without an award."),
    Phase.CANCELLED: N_("This challenge was cancelled."),
}


def stages_of(
    challenge: Challenge,
    now: datetime,
    notice_published_at: datetime | None = None,
    window_ends_at: datetime | None = None,
) -> list[Stage]:
    """The nine stages as they stand at `now`; labels are message ids."""
    current = phase(challenge.state, challenge.closes_at, now)
    dates = {
        0: challenge.published_at,
        1: challenge.closes_at,
        2: challenge.opened_at,
        6: notice_published_at,
        7: window_ends_at,
    }
    place = next((i for i, (_, phases) in enumerate(LINE) if current in phases), -1)
    return [
        Stage(label, dates.get(i), "now" if i == place else "past" if i < place else "next")
        for i, (label, _) in enumerate(LINE)
    ]


def next_sentence(challenge: Challenge, now: datetime) -> str:
    """What happens next, as a message id."""
    return NEXT[phase(challenge.state, challenge.closes_at, now)]
