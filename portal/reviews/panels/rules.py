"""The life of a panel (会评/答辩) and of each team's turn in it; when it may begin. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.reviews.rankings.rules import is_carried as two_thirds

LABEL = "panel"
"""Of the stream of the draw's seed that gives the order of the teams."""
LONGEST_DAY = 12
"""Hours: a timetable that takes longer is a slip of the pen."""
REMINDER = timedelta(days=1)
"""How long before it begins everybody is reminded."""

REASON_LEAST = 8
"""Characters of a reason."""
SIGN_IN_FROM = timedelta(hours=2)
"""How long before it begins members may sign in, and it may be opened."""


class PanelState(Worded):
    """Where a panel stands."""

    PLANNED = "planned", N_("Planned, teams not told yet")
    INVITED = "invited", N_("Teams invited")
    SITTING = "sitting", N_("In session")
    CLOSED = "closed", N_("Closed, the result stands")
    CALLED_OFF = "called_off", N_("Called off")


class TurnState(Worded):
    """Where a team's turn stands."""

    WAITING = "waiting", N_("Waiting")
    TALKING = "talking", N_("Presenting")
    ANSWERING = "answering", N_("Questions and answers")
    JUDGING = "judging", N_("Panel scores or votes")
    HEARD = "heard", N_("Heard")
    ABSENT = "absent", N_("Did not come")


class Answer(Worded):
    """What a team says to its invitation."""

    OPEN = "open", N_("Not answered yet")
    COMING = "coming", N_("Coming")
    NOT_COMING = "not_coming", N_("Not coming")


class Vote(Worded):
    """What a ballot says of a bid."""

    YES = "yes", N_("In favour")
    NO = "no", N_("Against")
    ABSTAIN = "abstain", N_("Abstention")


_OFFICER = N_("officer of the issuing body")
_P = PanelState
PANEL_MOVES = Moves(
    "panel",
    _P.PLANNED,
    Move(_P.PLANNED, "invite", _P.INVITED, _OFFICER, N_("the timetable is told to the teams")),
    Move(_P.INVITED, "begin", _P.SITTING, _OFFICER, N_("enough members are signed in")),
    Move(_P.SITTING, "close", _P.CLOSED, _OFFICER, N_("every team was heard or did not come")),
    Move(_P.PLANNED, "call_off", _P.CALLED_OFF, _OFFICER, N_("with a reason")),
    Move(_P.INVITED, "call_off", _P.CALLED_OFF, _OFFICER, N_("with a reason")),
)
_T = TurnState
TURN_MOVES = Moves(
    "turn",
    _T.WAITING,
    Move(_T.WAITING, "call", _T.TALKING, _OFFICER, N_("no other team is on; quorum")),
    Move(_T.TALKING, "ask", _T.ANSWERING, _OFFICER),
    Move(_T.ANSWERING, "judge", _T.JUDGING, _OFFICER),
    Move(_T.JUDGING, "finish", _T.HEARD, _OFFICER, N_("a quorum has scored or voted")),
    Move(_T.WAITING, "miss", _T.ABSENT, _OFFICER, N_("called, and nobody came")),
)
STEPS = ("call", "ask", "judge", "finish", "miss")
"""What the officer does with a turn, in the order of the day."""
ON = frozenset({_T.TALKING, _T.ANSWERING, _T.JUDGING})
"""The team that is on."""
OVER = frozenset({_T.HEARD, _T.ABSENT})
STANDING = frozenset({_P.PLANNED, _P.INVITED, _P.SITTING, _P.CLOSED})


@dataclass(frozen=True)
class Timetable:
    """When a panel begins, and the minutes that each team has."""

    begins_at: datetime
    talk: int
    questions: int
    judging: int
    pause: int

    @property
    def minutes(self) -> int:
        """Minutes of one turn, without the break behind it."""
        return self.talk + self.questions + self.judging

    def slots(self, teams: int) -> Iterator[datetime]:
        """When each turn begins."""
        for place in range(teams):
            yield self.begins_at + timedelta(minutes=place * (self.minutes + self.pause))

    def ends_at(self, teams: int) -> datetime:
        """When the last turn ends."""
        whole = teams * self.minutes + max(teams - 1, 0) * self.pause
        return self.begins_at + timedelta(minutes=whole)

    def fits(self, teams: int) -> bool:
        """Whether it all fits into a day."""
        return self.ends_at(teams) - self.begins_at <= timedelta(hours=LONGEST_DAY)


def step_minutes(table: Timetable, state: TurnState) -> int:
    """The minutes of the step that a turn is in; 0 when it is in none."""
    given = {_T.TALKING: table.talk, _T.ANSWERING: table.questions, _T.JUDGING: table.judging}
    return given.get(state, 0)


@dataclass(frozen=True)
class Online:
    """A bid's place in the online review."""

    bid_id: UUID
    place: int
    mean: Decimal
    passed: bool


def shortlist(ranked: Sequence[Online], first: int, from_points: Decimal) -> list[Online]:
    """Who is heard: those who reached the pass mark, are among the first (0: no limit) and have the
    points; bids that are tied on the last place are all heard."""
    return [
        one
        for one in ranked
        if one.passed and (not first or one.place <= first) and one.mean >= from_points
    ]


def quorum(seats: int) -> int:
    """How many of the members have to be present: two thirds, rounded up."""
    return -(-seats * 2 // 3)


def is_carried(yes: int, entitled: int) -> bool:
    """Whether a ballot is in favour: two thirds of those who were entitled to vote, exactly."""
    return entitled > 0 and two_thirds(yes, entitled)


def require_reason(reason: str, field: str = "reason") -> None:
    """Raise Invalid unless a reason says something."""
    if len(reason.strip()) < REASON_LEAST:
        raise Invalid(field, N_("At least %(min)d characters, please."), min=REASON_LEAST)
