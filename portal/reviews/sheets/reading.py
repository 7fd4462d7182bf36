"""What a reviewer reads of a bid: all that it proposes; in a blind round nothing that names the team."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation, Person
from portal.bids import queries as bids
from portal.bids.models import Bid, BidVersion
from portal.bids.terms import Attachment, BidTerms
from portal.core.files import StoredFile
from portal.core.kinds import PDF_ONLY
from portal.core.words import N_
from portal.reviews.sheets.aliases import alias_of, is_blind
from portal.reviews.sheets.models import Sheet

BLOT = "■■"
"""Stands where a name of the team stood."""
SHORTEST = 2
"""A name of one character would blot out half a text."""
PLACES: dict[str, tuple[str, tuple[str, ...]]] = {
    "indicators": (N_("Asked and promised"), ("指标", "indicator", "先进")),
    "route": (
        N_("Technical route"),
        ("路线", "技术", "创新", "方法", "route", "technical", "novel"),
    ),
    "milestones": (N_("Milestones"), ("里程碑", "进度", "计划", "milestone", "plan")),
    "scenario": (
        N_("Application scenario"),
        ("场景", "示范", "应用", "产业化", "市场", "scenario", "market", "industrial"),
    ),
    "team": (N_("Team"), ("团队", "联合体", "实力", "基础", "人员", "team", "people")),
    "property": (N_("Intellectual property"), ("知识产权", "专利", "property", "patent")),
    "money": (N_("Money"), ("经费", "预算", "资金", "自筹", "money", "cost", "budget", "fund")),
    "risks": (N_("Risks"), ("风险", "安全", "伦理", "risk", "ethic", "safety")),
    "paper": (N_("Bid document"), ()),
}
"""The parts of a bid in their order on the page, and the words of a criterion that lead to each."""


def places_for(criterion: str) -> list[str]:
    """The parts of a bid at which a criterion looks, by its words; the document when none fits."""
    told = criterion.lower()
    found = [name for name, (_, words) in PLACES.items() if any(word in told for word in words)]
    return found or ["paper"]


@dataclass(frozen=True)
class Shown:
    """A bid as its reviewer may see it; `partners` and `attachments` are empty in a blind round."""

    name: str
    is_blind: bool
    terms: BidTerms
    partners: tuple[str, ...]
    paper: StoredFile
    attachments: tuple[Attachment, ...]

    @property
    def has_pages(self) -> bool:
        """Whether the document can be read page by page."""
        return self.paper.facts.media_type in PDF_ONLY


def shown(session: Session, sheet: Sheet) -> Shown:
    """The bid of a sheet for its reviewer."""
    bid, review = sheet.bid, sheet.seat.round
    version = bids.submitted_version(session, bid)
    if not is_blind(review):
        partners = tuple(row["name"] for row in version.fields.get("partners", []))
        terms = replace(version.terms, avoid=())
        name = bid.lead.name
        return Shown(name, False, terms, partners, version.document, terms.attachments)
    hidden = replace(version.terms, avoid=(), attachments=())
    terms = BidTerms.from_json(without(hidden.to_json(), names_of(session, bid, version)))
    return Shown(alias_of(session, review, bid), True, terms, (), version.document, ())


def names_of(session: Session, bid: Bid, version: BidVersion) -> set[str]:
    """By what a team is known: its organisations in both languages, their codes, its people."""
    homes = session.scalars(
        select(Organisation).where(Organisation.id.in_(bids.team_organisations(bid)))
    ).all()
    people = {bid.started_by, version.submitted_by, *bids.team_people(session, bid)}
    people |= {one.person_id for one in bid.people}
    accounts = session.scalars(select(Person).where(Person.id.in_(people))).all()
    told = [
        *(part for home in homes for part in (home.name, home.name_en, home.uscc)),
        *(part for one in accounts for part in (one.name, one.email)),
        *(row["name"] for row in version.fields.get("partners", [])),
        *(part for member in version.terms.members for part in (member.name, member.organisation)),
    ]
    return {text.strip() for text in told if text and len(text.strip()) >= SHORTEST}


def without(value: Any, names: Iterable[str]) -> Any:
    """JSON whose texts have blots where they named the team; spaces within a name hide nothing. Pure."""
    found = _pattern(names)
    return _blotted(value, found) if found else value


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    spelled = sorted({_plain(name) for name in names}, key=lambda one: (-len(one), one))
    parts = [r"\s*".join(map(re.escape, name)) for name in spelled if len(name) >= SHORTEST]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _blotted(value: Any, found: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        told = unicodedata.normalize("NFKC", value)
        return found.sub(BLOT, told) if found.search(told) else value
    if isinstance(value, list):
        return [_blotted(one, found) for one in value]
    if isinstance(value, dict):
        return {key: _blotted(one, found) for key, one in value.items()}
    return value


def attachment(seen: Shown, file_id: UUID) -> Attachment | None:
    """An attachment that the reviewer may take."""
    return next((one for one in seen.attachments if one.file_id == file_id), None)
