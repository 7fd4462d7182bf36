"""The life of a milestone, what a report and its examination need, and when it is late."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from portal.core.errors import IllegalMove, Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded
from portal.projects.rules import ProjectState, months_after, require_running, require_words

REWORK_MONTHS = 3
"""How long a team may take to put right what a milestone lacked, at most."""
SOON = timedelta(days=14)
"""So long before its date the lead is reminded of a milestone."""
EXAMINE_WITHIN = timedelta(days=15)
"""So long a report may wait for the officers before they are reminded."""

_LEAD = N_("lead of the team")
_OFFICER = N_("officer of the issuing body")


class MilestoneState(Worded):
    """Where a milestone (里程碑) stands."""

    PLANNED = "planned", N_("Planned")
    REPORTED = "reported", N_("Reported")
    REWORK = "rework", N_("To be reworked")
    ACCEPTED = "accepted", N_("Examined and accepted")
    FAILED = "failed", N_("Failed")
    PASSED_OVER = "passed_over", N_("Failed; the project goes on")


class Verdict(Worded):
    """What an expert says of a reported milestone, and what an officer decides."""

    PASS = "pass", N_("Passed")
    REWORK = "rework", N_("To be reworked")
    FAIL = "fail", N_("Failed")


class OpinionState(Worded):
    """Where an expert's opinion on a milestone stands."""

    ASKED = "asked", N_("Asked, no answer yet")
    GIVEN = "given", N_("Given")
    DECLINED = "declined", N_("Declined")
    WITHDRAWN = "withdrawn", N_("No longer asked for")


class ReminderKind(Worded):
    """What somebody is reminded of about a milestone."""

    SOON = "soon", N_("Its date is near")
    LATE = "late", N_("Its date has passed")
    EXAMINE = "examine", N_("Its report waits to be examined")


_M, _O = MilestoneState, OpinionState
TO_REPORT = frozenset({_M.PLANNED, _M.REWORK})
"""States in which the lead has to act."""
SETTLED = frozenset({_M.ACCEPTED, _M.PASSED_OVER})
"""States that hold nobody up."""

MILESTONE_MOVES = Moves(
    "milestone",
    _M.PLANNED,
    Move(
        _M.PLANNED, "report", _M.REPORTED, _LEAD, N_("with evidence; earlier milestones reported")
    ),
    Move(_M.REPORTED, "accept", _M.ACCEPTED, _OFFICER, N_("earlier milestones settled")),
    Move(_M.REPORTED, "rework", _M.REWORK, _OFFICER, N_("once, by a date within three months")),
    Move(_M.REWORK, "report", _M.REPORTED, _LEAD, N_("with evidence")),
    Move(_M.REPORTED, "fail", _M.FAILED, _OFFICER, N_("with a reason; its tranches are blocked")),
    Move(_M.REWORK, "fail", _M.FAILED, _OFFICER, N_("its date has passed")),
    Move(_M.PLANNED, "fail", _M.FAILED, _OFFICER, N_("its date has passed")),
    Move(_M.FAILED, "pass_over", _M.PASSED_OVER, _OFFICER, N_("with a reason")),
)
OPINION_MOVES = Moves(
    "milestone_opinion",
    _O.ASKED,
    Move(_O.ASKED, "give", _O.GIVEN, N_("the expert who was asked"), N_("with reasons")),
    Move(_O.ASKED, "decline", _O.DECLINED, N_("the expert who was asked"), N_("with a reason")),
    Move(_O.ASKED, "withdraw", _O.WITHDRAWN, _OFFICER),
)


def may_follow(earlier: Sequence[MilestoneState], allowed: frozenset[MilestoneState]) -> bool:
    """Whether every earlier milestone is so far that this one may be taken."""
    return all(state in allowed for state in earlier)


def require_report(
    earlier: Sequence[MilestoneState], project: ProjectState, report: str, files: int
) -> None:
    """Raise IllegalMove out of order, Invalid without words or evidence."""
    require_running(project)
    if not may_follow(earlier, SETTLED | {_M.REPORTED}):
        raise IllegalMove("Report the earlier milestones first.")
    require_words("report", report)
    if not files:
        raise Invalid("evidence", "Please add at least one file that shows it.")


def require_acceptable(earlier: Sequence[MilestoneState]) -> None:
    """Raise IllegalMove unless every earlier milestone is settled."""
    if not may_follow(earlier, SETTLED):
        raise IllegalMove("Accept the earlier milestones first.")


def require_reported(state: MilestoneState) -> None:
    """Raise IllegalMove unless there is a report to give an opinion on."""
    if state is not _M.REPORTED:
        raise IllegalMove("Opinions are about a reported milestone that is not decided yet.")


def answer_until(due_at: datetime | None, now: datetime) -> datetime:
    """When an opinion is due. Raises Invalid unless it lies ahead."""
    if due_at is None or due_at <= now:
        raise Invalid("due_at", "This must lie in the future.")
    return due_at


def visited_on(day: date | None, today: date) -> date:
    """The day of a visit. Raises Invalid unless it has come."""
    if day is None:
        raise Invalid("visited_on", "Please enter a date.")
    if day > today:
        raise Invalid("visited_on", "This must not lie in the future.")
    return day


def require_heard(opinions: Sequence[tuple[OpinionState, datetime]], now: datetime) -> None:
    """Raise IllegalMove while an expert who was asked still has time to answer."""
    if any(state is _O.ASKED and now < due_at for state, due_at in opinions):
        raise IllegalMove("An expert who was asked has not answered yet, and still has time.")


def require_rework(reworked_before: bool, until: datetime | None, now: datetime) -> None:
    """Raise IllegalMove the second time, Invalid for a date in the past or too far away."""
    if reworked_before:
        raise IllegalMove("It has been reworked once already: accept it or let it fail.")
    if until is None:
        raise Invalid("until", "Please enter a date.")
    if until <= now:
        raise Invalid("until", "This must lie in the future.")
    if until > months_after(now, REWORK_MONTHS):
        raise Invalid("until", "At most three months from today, please.")


def is_late(state: MilestoneState, due_at: datetime, now: datetime) -> bool:
    """Whether the lead should have reported it by now; `due_at` is that of the rework, if any."""
    return state in TO_REPORT and due_at <= now


def require_overdue(state: MilestoneState, due_at: datetime, now: datetime) -> None:
    """Raise IllegalMove if something that was not reported would fail before its date."""
    if state in TO_REPORT and not is_late(state, due_at, now):
        raise IllegalMove("Its date has not passed yet; the team may still report it.")


def reminder(
    state: MilestoneState, due_at: datetime, reported_at: datetime | None, now: datetime
) -> ReminderKind | None:
    """What has to be said about a milestone now, if anything."""
    if state is _M.REPORTED:
        waits = reported_at is not None and now - reported_at >= EXAMINE_WITHIN
        return ReminderKind.EXAMINE if waits else None
    if state not in TO_REPORT or now < due_at - SOON:
        return None
    return ReminderKind.LATE if is_late(state, due_at, now) else ReminderKind.SOON
