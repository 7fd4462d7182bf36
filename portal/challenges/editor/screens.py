"""What the pages of the editor show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.queries import names_of
from portal.challenges import completeness, sections
from portal.challenges.content import facts_of
from portal.challenges.editor.forms import labels
from portal.challenges.models import Challenge
from portal.challenges.rules import Problem
from portal.challenges.sections import SECTIONS, Section
from portal.clusters.rules import CHAIN_KINDS, TermKind
from portal.core.db import Json
from portal.core.web import translated
from portal.core.workdays import PLACE


@dataclass(frozen=True)
class Standing:
    """A section on the overview: what it lacks, and who saved it last."""

    key: str
    title: str
    lacks: list[tuple[str, str]]
    saved: str


def standings(
    session: Session, edited: Json, problems: Iterable[Problem], now: datetime
) -> list[Standing]:
    """Every section with what it lacks, and who saved it last."""
    lacks = {
        key: [(problem.at, translated(problem.as_error().message)) for problem in found]
        for key, found in sections.by_section(problems).items()
    }
    marks = {one.key: sections.edited(edited, one.key) for one in SECTIONS}
    names = names_of(session, {mark.by for mark in marks.values() if mark})
    return [
        Standing(one.key, gettext(one.title), lacks[one.key], _words(marks[one.key], names, now))
        for one in SECTIONS
    ]


def _standings(session: Session, challenge: Challenge, now: datetime) -> list[Standing]:
    problems = completeness.missing(facts_of(challenge), challenge.rules, now)
    return standings(session, challenge.edited, problems, now)


def _words(mark: sections.Edited | None, names: dict[UUID, str], now: datetime) -> str:
    """As “saved 14:03 by …”, with the day when it was another."""
    if mark is None:
        return ""
    local = mark.at.astimezone(PLACE)
    today = local.date() == now.astimezone(PLACE).date()
    when = local.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
    text: str = gettext("saved %(when)s by %(name)s")
    return text % {"when": when, "name": names.get(mark.by, "—")}


def saved_words(session: Session, edited: Json, key: str, now: datetime) -> str:
    """When a section was saved last, and by whom."""
    mark = sections.edited(edited, key)
    return _words(mark, names_of(session, {mark.by}) if mark else {}, now)


def overview(session: Session, challenge: Challenge, now: datetime) -> dict[str, Any]:
    """The sections and how many of them are complete."""
    found = _standings(session, challenge, now)
    return {
        "standings": found,
        "complete": sum(not one.lacks for one in found),
        "lacking": [one for one in found if one.lacks],
        "labels": labels(),
    }


def section(session: Session, challenge: Challenge, key: str, now: datetime) -> dict[str, Any]:
    """One section among the others, with words to choose from."""
    found = _standings(session, challenge, now)
    first_day = completeness.first_closing_day(now, challenge.rules)
    return {**among(found, challenge, key), "first_day": first_day}


def among(found: list[Standing], challenge: Challenge, key: str) -> dict[str, Any]:
    """A section's place among the others, and the words of its cluster."""
    terms = challenge.call.cluster.terms if key == "basics" else []
    return {
        "standings": found,
        "complete": sum(not one.lacks for one in found),
        "here": next(one for one in found if one.key == key),
        "following": following(key),
        "stages": sorted({term.text for term in terms if term.kind in CHAIN_KINDS}),
        "areas": sorted({term.text for term in terms if term.kind is TermKind.FIELD}),
    }


def following(key: str) -> Section | None:
    """The section behind this one."""
    keys = [one.key for one in SECTIONS]
    rest = SECTIONS[keys.index(key) + 1 :]
    return rest[0] if rest else None
