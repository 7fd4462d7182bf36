"""What an amendment never changes, and what it changes in one direction only.

Whatever the editor of a draft can set can be amended, but for this:

- The call, its issuer and the code are what the challenge is known by; they are not on the sheet.
- How many bids an organisation may lead or join counts across all challenges of the call. One
  challenge cannot move it without moving it for teams of the others.
- The working days for bidding were kept on the day of publishing; a later figure measures nothing.
- The days that remain after an amendment protect teams from amendments. One that shortened them
  would lift the limit under which it is made.
- Whether bids are sealed strictly was promised to whoever has begun one.
- A deadline, the end of the questions and the window for objections are never shortened: people
  have planned by them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.challenges.completeness import DAY
from portal.challenges.rules import Problem
from portal.challenges.settings import Settings
from portal.core.words import N_
from portal.core.workdays import PLACE, DayUnit

OF_THE_CALL = N_(
    "This counts for the whole call and does not change once a challenge is published."
)
FROZEN: Mapping[str, str] = {
    "leads_max": OF_THE_CALL,
    "joins_max": OF_THE_CALL,
    "bidding_days_min": N_("This was kept when the challenge was published; it no longer changes."),
    "amendment_days": N_("This protects teams from amendments: an amendment does not change it."),
    "blind_review": N_(
        "Teams wrote their bids knowing who would learn their names; that stays so."
    ),
    "strict_sealing": N_("How bids are sealed was published with the challenge and stays so."),
}
"""The settings that stand as they were published, each with the reason that is given."""


@dataclass(frozen=True)
class Dated:
    """The deadline and the settings of a sheet."""

    closes_at: datetime | None
    rules: Settings


def lasting_problems(before: Dated, after: Dated) -> list[Problem]:
    """What an amendment would change though it must last, each at its field."""
    frozen = [
        Problem(name, text)
        for name, text in FROZEN.items()
        if getattr(before.rules, name) != getattr(after.rules, name)
    ]
    return [*frozen, *_questions(before, after), *_notice(before.rules, after.rules)]


def _questions(before: Dated, after: Dated) -> list[Problem]:
    if before.closes_at is None or after.closes_at is None:
        return []
    known = before.closes_at - before.rules.question_days * DAY
    # An earlier deadline is refused as that, and not a second time here.
    until = max(before.closes_at, after.closes_at) - after.rules.question_days * DAY
    if until >= known:
        return []
    text = N_("Time for questions is never cut: it lasts until %(day)s at least.")
    day = known.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return [Problem("question_days", text, {"day": day})]


def _notice(before: Settings, after: Settings) -> list[Problem]:
    """Working days are never fewer than as many calendar days; the other way round they may be."""
    if after.notice_days < before.notice_days:
        text = N_("The window for objections is never shortened: %(days)d days at least.")
        return [Problem("notice_days", text, {"days": before.notice_days})]
    if before.notice_unit is DayUnit.WORKING and after.notice_unit is not DayUnit.WORKING:
        text = N_("The window for objections was published in working days and stays so.")
        return [Problem("notice_unit", text)]
    return []


def narrowed(before: Settings, after: Settings) -> bool:
    """Whether a team that could bid before may not be able to any more."""
    return any(_narrower(before, after))


def _narrower(before: Settings, after: Settings) -> Iterable[bool]:
    yield not set(before.lead_kinds) <= set(after.lead_kinds)
    yield before.foreign_share_allowed and not after.foreign_share_allowed
    yield after.one_team_per_challenge and not before.one_team_per_challenge
    yield after.partners_max < before.partners_max
