"""How far an amendment is: what each section of its sheet changes and lacks, and its papers."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.challenges.amendments import queries, service
from portal.challenges.amendments.difference import difference
from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.screens import ShownPaper
from portal.challenges.amendments.versions import sheet_of
from portal.challenges.editor import screens as editor
from portal.challenges.models import Attachment
from portal.challenges.sections import SECTIONS

HOMES = {
    **{name: section.key for section in SECTIONS for name in section.fields},
    "funds": "money",
    "attachments": "attachments",
}
"""In which section what differs is written."""


def overview(session: Session, amendment: Amendment, now: datetime) -> dict[str, Any]:
    """The sections, and which of them change something."""
    problems = service.sheet_problems(amendment)
    change = difference(sheet_of(amendment.challenge), amendment.sheet)
    return {
        "amendment": amendment,
        "challenge": amendment.challenge,
        "standings": editor.standings(session, amendment.edited, problems, now),
        "changed": {HOMES.get(name, SECTIONS[0].key) for name in change.names},
    }


def section(session: Session, amendment: Amendment, key: str, now: datetime) -> dict[str, Any]:
    """One section among the others, with words to choose from."""
    shown = overview(session, amendment, now)
    return {**shown, **editor.among(shown["standings"], amendment.challenge, key)}


def desk_papers(session: Session, amendment: Amendment) -> dict[str, ShownPaper]:
    """The papers that an amendment in the making starts from or brings, by their hash."""
    return {
        one.file.sha256: shown_paper(
            one, url_for("amending.paper", amendment_id=amendment.id, paper_id=one.id)
        )
        for one in queries.papers_of(session, amendment)
    }


def notice_papers(session: Session, amendment: Amendment) -> list[ShownPaper]:
    """The papers that an amendment in force brought or took off, for everybody."""
    here: dict[str, Any] = {"code": amendment.challenge.code, "number": amendment.number}
    return [
        shown_paper(one, url_for("amendments.paper", **here, paper_id=one.id))
        for one in queries.papers_of(session, amendment)
    ]


def shown_paper(paper: Attachment, url: str) -> ShownPaper:
    """A paper with the address from which it is taken."""
    kept = paper.file
    return ShownPaper(kept.name, kept.size, kept.media_type, kept.sha256, url)
