"""The formal check: what one item says, who answers it, and what the answers come to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.bids.sections.rules import Section, part_of
from portal.core.errors import Invalid
from portal.core.words import N_, Message, Worded
from portal.core.workdays import DayUnit, window_end

CORRECTION_DAYS = 3
"""Working days for a correction, unless the officer gives more."""
CORRECTION_DAYS_MOST = 15
REPLY_DAYS = 3
"""Working days in which a refused team may reply."""
REASON_MINIMUM = 10


class Verdict(Worded):
    """What is found on one item."""

    HOLDS = "holds", N_("holds")
    FAILS = "fails", N_("does not hold")
    OPEN = "open", N_("an officer decides")


@dataclass(frozen=True)
class Item:
    """One item of the list, with what the portal finds and on what evidence."""

    key: str
    label: Message
    finding: Verdict
    evidence: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Answer:
    """An officer's answer to one item."""

    verdict: Verdict
    remark: str = ""


def verdict_of(item: Item, answer: Answer | None) -> Verdict:
    """What counts for an item: the officer's answer, or else what the portal finds."""
    return answer.verdict if answer is not None else item.finding


def answer_problems(item: Item, answer: Answer) -> list[Invalid]:
    """What the officer still has to write: a verdict, and why where it fails or overrules."""
    if answer.verdict is Verdict.OPEN:
        return [Invalid("verdict", N_("Please say whether this holds."))]
    if answer.remark.strip():
        return []
    if answer.verdict is Verdict.FAILS:
        return [Invalid("remark", N_("Please write what is wrong; the team reads it."))]
    if item.finding is Verdict.FAILS:
        why = N_("The rules found a problem: please write why it holds nevertheless.")
        return [Invalid("remark", why)]
    return []


@dataclass(frozen=True)
class Tally:
    """How far the list has come."""

    holding: int
    failing: int
    open: int

    @property
    def may_pass(self) -> bool:
        """Whether every item holds."""
        return not self.failing and not self.open

    @property
    def may_reject(self) -> bool:
        """Whether an item fails."""
        return self.failing > 0


def tally(items: Iterable[Item], answers: Mapping[str, Answer]) -> Tally:
    """Count what holds, fails, and waits for an officer."""
    found = [verdict_of(item, answers.get(item.key)) for item in items]
    return Tally(*(found.count(verdict) for verdict in Verdict))


def is_fresh(seen: int, revision: int) -> bool:
    """Whether an answer was written on what stands, and not on what somebody replaced since."""
    return seen == revision


def correction_problems(sections: Iterable[Section], remark: str, days: int) -> list[Invalid]:
    """What is wrong with a request for correction."""
    found = []
    if not list(sections):
        found.append(Invalid("sections", N_("Name at least one section.")))
    if len(remark.strip()) < REASON_MINIMUM:
        few = N_("At least %(min)d characters, please.")
        found.append(Invalid("remark", few, min=REASON_MINIMUM))
    if not 1 <= days <= CORRECTION_DAYS_MOST:
        text = N_("From 1 to %(most)s working days, please.")
        found.append(Invalid("days", text, most=CORRECTION_DAYS_MOST))
    return found


def reason_problems(reason: str, field: str = "reason") -> list[Invalid]:
    """What is wrong with a reason that the team reads."""
    if len(reason.strip()) >= REASON_MINIMUM:
        return []
    return [Invalid(field, N_("At least %(min)d characters, please."), min=REASON_MINIMUM)]


def due_at(asked_at: datetime, days: int) -> datetime:
    """Until when a correction may be handed in: so many full working days after the day."""
    return window_end(asked_at, days, DayUnit.WORKING)


def reply_until(refused_at: datetime) -> datetime:
    """Until when a refused team may reply."""
    return window_end(refused_at, REPLY_DAYS, DayUnit.WORKING)


def parts_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest in the parts that a correction may name, and the rest, which it may not."""
    terms = manifest["terms"]
    named: dict[str, Any] = {section.value: part_of(terms, section) for section in Section}
    named[Section.ATTACHMENTS.value] |= {"document": manifest["document"]}
    known = {name for section in Section for name in part_of(terms, section)}
    rest = {key: value for key, value in manifest.items() if key not in ("terms", "document")}
    return {**named, "": [rest, {key: terms[key] for key in terms if key not in known}]}


def changed_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """Which parts of two manifests differ: sections by their value, anything else as ''."""
    one, other = parts_of(before), parts_of(after)
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def outside(
    before: Mapping[str, Any], after: Mapping[str, Any], named: Iterable[Section]
) -> set[str]:
    """What a correction changed that it was not asked to change."""
    return changed_parts(before, after) - {section.value for section in named}
