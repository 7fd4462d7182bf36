"""When the lanes of a race are compared, and what may become of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.core.errors import IllegalMove, Invalid, InvalidInput, TooEarly
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import REPORT_LENGTH

FEWEST = 2
"""Lanes that make a race."""


class GateState(Worded):
    """Where a gate (赛马门) stands."""

    OPEN = "open", N_("To be decided")
    HELD = "held", N_("Decided, with lanes on hold")
    DECIDED = "decided", N_("Decided")


class Outcome(Worded):
    """What becomes of a lane."""

    GO_ON = "go_on", N_("Goes on")
    STOP = "stop", N_("Stops")
    HOLD = "hold", N_("On hold")
    MERGE = "merge", N_("Merges into another")


_G, _O = GateState, Outcome
_OFFICER = N_("officer of the issuing body")
_EACH = N_("an outcome and a reason for each lane")
GATE_MOVES = Moves(
    "race_gate",
    _G.OPEN,
    Move(_G.OPEN, "decide", _G.DECIDED, _OFFICER, _EACH),
    Move(_G.OPEN, "hold", _G.HELD, _OFFICER, N_("and some lanes wait")),
    Move(_G.HELD, "decide", _G.DECIDED, _OFFICER, _EACH),
    Move(_G.HELD, "hold", _G.HELD, _OFFICER, N_("and some lanes wait")),
)


@dataclass(frozen=True)
class Verdict:
    """What an officer decides of one lane, and why; `into` is the project that takes it up."""

    outcome: Outcome | None
    reason: str
    into: UUID | None = None


def require_gate(
    lanes: int, survivors: int | None, milestone: int, planned: Collection[int]
) -> None:
    """Raise Invalid unless there is a race, and the gate thins it out at a milestone of all lanes."""
    if lanes < FEWEST:
        raise IllegalMove("A race needs at least two projects under way.")
    if survivors is None or not 1 <= survivors < lanes:
        text = N_("From 1 to %(most)d lanes can go on.")
        raise Invalid("survivors", text, most=lanes - 1)
    if milestone not in planned:
        raise Invalid("milestone", "All lanes need this milestone.")


def require_comparable(reported: Sequence[bool], due_at: datetime, now: datetime) -> None:
    """Raise TooEarly unless each lane has reported the milestone, or the gate's date has come."""
    if not all(reported) and now < due_at:
        raise TooEarly("A lane can still report the milestone until the date of the gate.")


def check_verdicts(
    lanes: Collection[UUID], verdicts: Mapping[UUID, Verdict], survivors: int, going: int
) -> None:
    """Raise InvalidInput unless every lane has an outcome that fits the gate and a reason.

    `going` is how many lanes go on already. Problems name `lanes.<place>.<field>`.
    """
    problems: list[Invalid] = []
    kept = {lane for lane in lanes if lane in verdicts and verdicts[lane].outcome is _O.GO_ON}
    for place, lane in enumerate(lanes):
        verdict = verdicts.get(lane, Verdict(None, ""))
        at = f"lanes.{place}."
        if verdict.outcome is None:
            problems.append(Invalid(at + "outcome", "Please choose."))
        if len(verdict.reason.strip()) < REPORT_LENGTH:
            text = N_("At least %(min)d characters, please.")
            problems.append(Invalid(at + "reason", text, min=REPORT_LENGTH))
        if verdict.outcome is _O.MERGE and (verdict.into == lane or verdict.into is None):
            problems.append(Invalid(at + "into", "Say which lane takes it up."))
        elif verdict.outcome is _O.MERGE and verdict.into in lanes and verdict.into not in kept:
            problems.append(Invalid(at + "into", "The lane that takes it up has to go on."))
    if len(kept) + going > survivors and lanes:
        text = N_("At most %(most)d lanes go on through this gate.")
        problems.append(Invalid("lanes.0.outcome", text, most=survivors))
    if problems:
        raise InvalidInput(problems)


def action_of(verdicts: Mapping[Any, Verdict]) -> str:
    """How the gate moves with these verdicts."""
    held = any(verdict.outcome is _O.HOLD for verdict in verdicts.values())
    return "hold" if held else "decide"
