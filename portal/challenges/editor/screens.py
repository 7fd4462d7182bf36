"""What the pages of the editor show."""

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
from portal.challenges.sections import SECTIONS, Section
from portal.clusters.rules import CHAIN_KINDS, TermKind
from portal.core.web import translated
from portal.core.workdays import PLACE


@dataclass(frozen=True)
class Standing:
    """A section on the overview: what it lacks, and who saved it last."""

    key: str
    title: str
    lacks: list[tuple[str, str]]
    saved: str


def _problems(challenge: Challenge, now: datetime) -> dict[str, list[tuple[str, str]]]:
    found = completeness.missing(facts_of(challenge), challenge.rules, now)
    return {
        key: [(problem.at, translated(problem.as_error().message)) for problem in problems]
        for key, problems in sections.by_section(found).items()
    }


def _standings(session: Session, challenge: Challenge, now: datetime) -> list[Standing]:
    lacks = _problems(challenge, now)
    marks = {one.key: sections.edited(challenge.edited, one.key) for one in SECTIONS}
    names = names_of(session, {mark.by for mark in marks.values() if mark})
    return [
        Standing(one.key, gettext(one.title), lacks[one.key], _words(marks[one.key], names, now))
        for one in SECTIONS
    ]


def _words(mark: sections.Edited | None, names: dict[UUID, str], now: datetime) -> str:
    """As “saved 14:03 by …”, with the day when it was another."""
    if mark is None:
        return ""
    local = mark.at.astimezone(PLACE)
    today = local.date() == now.astimezone(PLACE).date()
    when = local.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
    text: str = gettext("saved %(when)s by %(name)s")
    return text % {"when": when, "name": names.get(mark.by, "—")}


def saved_words(session: Session, challenge: Challenge, key: str, now: datetime) -> str:
    """When a section was saved last, and by whom."""
    mark = sections.edited(challenge.edited, key)
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
    terms = challenge.call.cluster.terms if key == "basics" else []
    return {
        "standings": found,
        "complete": sum(not one.lacks for one in found),
        "here": next(one for one in found if one.key == key),
        "following": _following(key),
        "stages": sorted({term.text for term in terms if term.kind in CHAIN_KINDS}),
        "areas": sorted({term.text for term in terms if term.kind is TermKind.FIELD}),
        "first_day": completeness.first_closing_day(now, challenge.rules),
    }


def _following(key: str) -> Section | None:
    keys = [one.key for one in SECTIONS]
    rest = SECTIONS[keys.index(key) + 1 :]
    return rest[0] if rest else None


def after(challenge_id: UUID, key: str) -> dict[str, Any]:
    """Where “save and go on” leads."""
    rest = _following(key)
    if rest is None:
        return {"endpoint": "editor.overview", "challenge_id": challenge_id, "key": None}
    return {"endpoint": "editor.section", "challenge_id": challenge_id, "key": rest.key}
