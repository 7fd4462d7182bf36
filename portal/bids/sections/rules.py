"""The sections of a bid, which parts of it each holds, and how far each has come."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from portal.bids.terms import BidTerms, Json
from portal.core.errors import Invalid
from portal.core.words import N_, Worded

Known = dict[UUID, tuple[str, str]]
"""The indicators of a challenge, each with its name and unit."""


class Section(Worded):
    """A part of the bid that one person writes at a time; `value` stands in its address."""

    OUTLINE = "outline", N_("Outline")
    INDICATORS = "indicators", N_("Indicators")
    ROUTE = "route", N_("Technical route")
    MILESTONES = "milestones", N_("Milestones")
    BUDGET = "budget", N_("Budget")
    PEOPLE = "people", N_("People")
    RISKS = "risks", N_("Risks")
    PROPERTY = "property", N_("Intellectual property")
    SCENARIO = "scenario", N_("Scenario plan")
    DECLARATIONS = "declarations", N_("Declarations")
    ATTACHMENTS = "attachments", N_("Attachments")


PARTS: dict[Section, tuple[str, ...]] = {
    Section.OUTLINE: ("title", "summary"),
    Section.INDICATORS: ("promises",),
    Section.ROUTE: ("route",),
    Section.MILESTONES: ("milestones",),
    Section.BUDGET: ("budget",),
    Section.PEOPLE: ("members",),
    Section.RISKS: ("risks",),
    Section.PROPERTY: ("background", "foreground", "ownership"),
    Section.SCENARIO: ("scenario",),
    Section.DECLARATIONS: ("data_security", "other_funding", "avoid"),
    Section.ATTACHMENTS: ("attachments",),
}
"""Which keys of the terms' JSON each section holds; every key is in exactly one."""
_HOME = {part: section for section, parts in PARTS.items() for part in parts}
_HOME["document"] = Section.ATTACHMENTS


class Progress(Worded):
    """How far a section has come."""

    EMPTY = "empty", N_("empty")
    BEGUN = "begun", N_("begun")
    COMPLETE = "complete", N_("complete")
    LAST = "last", N_("on the last page")


ASKED_LAST = frozenset({Section.BUDGET, Section.PEOPLE})
"""What a strict challenge asks only where one hands in: it is in no draft."""


def home_of(problem: Invalid) -> Section | None:
    """The section in which a problem is to be solved; None when it is the team's."""
    return _HOME.get(problem.field.split(".")[0])


def part_of(terms: Json, section: Section) -> Json:
    """What a section holds of the terms' JSON."""
    return {name: terms[name] for name in PARTS[section] if name in terms}


def together(contents: Iterable[Json]) -> BidTerms:
    """The terms that the sections say together."""
    whole: Json = {}
    for content in contents:
        whole.update(content)
    return BidTerms.from_json(whole)


def progress(content: Json, problems: int) -> Progress:
    """How far a section has come that says this and has so many problems."""
    if is_empty(content):
        return Progress.EMPTY
    return Progress.BEGUN if problems else Progress.COMPLETE


def is_empty(content: Json) -> bool:
    """Whether nothing is written."""
    return not any(content.values())


def fitted(terms: BidTerms, own: Known, other: Known) -> Json:
    """The terms for another challenge: promises go to the indicators of the same name and unit."""
    home = {name: key for key, name in other.items()}
    moved = {key: home[name] for key, name in own.items() if name in home}
    promises = tuple(
        replace(row, indicator_id=moved[row.indicator_id])
        for row in terms.promises
        if row.indicator_id in moved
    )
    milestones = tuple(
        replace(row, indicators=tuple(moved[key] for key in row.indicators if key in moved))
        for row in terms.milestones
    )
    return replace(terms, promises=promises, milestones=milestones).to_json()
