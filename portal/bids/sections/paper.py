"""The whole of a bid as one PDF, in the reader's language."""

from datetime import datetime
from typing import Any

from flask_babel import get_locale, gettext

from portal.bids.models import Bid, BidVersion
from portal.bids.screens import Reading, matrix, reading, reading_of
from portal.bids.sections.screens import budget_table
from portal.bids.terms import BidTerms
from portal.core.money import FundSource
from portal.core.money import wan as in_wan
from portal.core.typeset import pdf
from portal.core.words import Worded
from portal.core.workdays import PLACE

Block = dict[str, Any]
FINGERPRINT = 12
"""So many characters of a fingerprint name a version in passing; the whole stands on the first page."""


def made(bid: Bid, now: datetime) -> bytes:
    """What the person may read of the bid, on paper: the draft, or what was handed in."""
    return _set(bid, reading(bid), now)


def made_of(version: BidVersion) -> bytes:
    """A version on paper, as it was handed in, whatever the draft says since."""
    return _set(version.bid, reading_of(version), version.submitted_at)


def name_of(version: BidVersion) -> str:
    """The name of a version's file: the challenge, the number, the beginning of the fingerprint."""
    shown = version.manifest_sha256[:FINGERPRINT]
    return f"{version.bid.challenge.code}-v{version.number}-{shown}.pdf"


def _set(bid: Bid, read: Reading, now: datetime) -> bytes:
    at = read.version.submitted_at if read.version else now
    return pdf("bid", document(bid, read, at), at)


def document(bid: Bid, read: Reading, at: datetime) -> dict[str, Any]:
    """All that the template sets, in its order."""
    when = at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return {
        "title": read.terms.title or gettext("Bid without a title"),
        "author": bid.lead.name,
        "lang": "en" if str(get_locale() or "zh").startswith("en") else "zh",
        "head": f"{bid.challenge.code} {bid.challenge.title}",
        "state": _state(read.version, when),
        "kicker": gettext("Bid on a challenge"),
        "facts": _facts(bid, read),
        "blocks": [block for block in _blocks(bid, read.terms) if block],
    }


def _state(version: BidVersion | None, when: str) -> str:
    if version is None:
        return str(gettext("Draft of %(when)s", when=when))
    handed_in = gettext("Version %(n)s, submitted %(when)s", n=version.number, when=when)
    return f"{handed_in} · {version.manifest_sha256[:FINGERPRINT]}"


def _facts(bid: Bid, read: Reading) -> list[list[str]]:
    partners = "\n".join(f"{row['name']}: {row['duty']}" for row in read.partners)
    facts = [
        (gettext("Challenge"), f"{bid.challenge.code} {bid.challenge.title}"),
        (gettext("Lead"), bid.lead.name),
        (gettext("Partners"), partners or "—"),
        (gettext("Budget (10,000 yuan)"), f"{in_wan(read.terms.total):,.2f}"),
    ]
    if read.version is not None:
        facts.append((gettext("Version"), str(read.version.number)))
        facts.append((gettext("Fingerprint (SHA-256)"), read.version.manifest_sha256))
    return [list(fact) for fact in facts]


def _blocks(bid: Bid, terms: BidTerms) -> list[Block]:
    return [
        _text(gettext("Summary"), terms.summary),
        _text(gettext("Technical route"), terms.route),
        _promises(bid, terms),
        _milestones(bid, terms),
        _money(terms),
        _people(terms),
        _risks(terms),
        _text(gettext("Scenario plan"), terms.scenario),
        _text(gettext("Intellectual property: what the team brings"), terms.background),
        _text(gettext("Intellectual property: what the work will make"), terms.foreground),
        _text(
            gettext("Intellectual property: who will own it, and who may use it"), terms.ownership
        ),
        _text(gettext("Data and their security"), terms.data_security),
        _text(gettext("Other public money for the same content"), terms.other_funding),
        _files(terms),
    ]


def _text(title: str, text: str) -> Block:
    return {"kind": "text", "title": title, "text": text or gettext("Not written yet.")}


def _table(title: str, columns: list[tuple[str, int]], rows: list[list[str]]) -> Block:
    if not rows:
        return _text(title, "")
    return {
        "kind": "table",
        "title": title,
        "columns": [name for name, _ in columns],
        "widths": [width for _, width in columns],
        "rows": [[cell or "—" for cell in row] for row in rows],
    }


def _word(member: Worded | None) -> str:
    return str(gettext(member.label)) if member else ""


def _promises(bid: Bid, terms: BidTerms) -> Block:
    columns = [
        (gettext("Indicator"), 4),
        (gettext("Asked"), 3),
        (gettext("Today"), 3),
        (gettext("Promised"), 3),
        (gettext("How it will be reached"), 5),
        (gettext("How it will be shown"), 5),
    ]
    rows = [
        [row.name, row.asked, row.baseline, row.promised, row.how, row.proof]
        for row in matrix(bid.challenge, terms)
    ]
    return _table(gettext("Indicators: asked and promised"), columns, rows)


def _milestones(bid: Bid, terms: BidTerms) -> Block:
    numbers = {row.id: str(n) for n, row in enumerate(bid.challenge.indicators, start=1)}
    columns = [
        (gettext("Month"), 1),
        (gettext("Milestone"), 3),
        (gettext("What will be shown"), 5),
        (gettext("Numbers of the indicators"), 2),
        (gettext("Share of public money in percent"), 2),
    ]
    rows = [
        [
            str(row.month or ""),
            row.title,
            row.deliverable,
            ", ".join(numbers[key] for key in row.indicators if key in numbers),
            str(row.share or ""),
        ]
        for row in terms.milestones
    ]
    return _table(gettext("Milestones"), columns, rows)


def _money(terms: BidTerms) -> Block:
    sources = [(_word(source), 3) for source in FundSource]
    columns = [(gettext("Year of the work"), 2), (gettext("Kind of cost"), 4), *sources]
    columns.append((gettext("Total"), 3))
    rows = [
        [
            str(row["year"] or ""),
            _word(row["kind"]),
            *(f"{in_wan(amount):,.2f}" if amount else "" for amount in row["amounts"]),
            f"{in_wan(row['sum']):,.2f}",
        ]
        for row in budget_table(terms.items)
    ]
    return _table(gettext("Budget (10,000 yuan)"), columns, rows)


def _people(terms: BidTerms) -> Block:
    columns = [
        (gettext("Name"), 2),
        (gettext("Year of birth"), 2),
        (gettext("Role"), 2),
        (gettext("Organisation"), 4),
        (gettext("Task"), 4),
        (gettext("Working time in percent"), 2),
    ]
    rows = [
        [
            row.name,
            str(row.birth_year or ""),
            _word(row.role),
            row.organisation,
            row.duty,
            str(row.share or ""),
        ]
        for row in terms.members
    ]
    return _table(gettext("People"), columns, rows)


def _risks(terms: BidTerms) -> Block:
    columns = [
        (gettext("Risk"), 4),
        (gettext("Likelihood"), 2),
        (gettext("Effect"), 2),
        (gettext("Answer to it"), 5),
    ]
    rows = [[r.risk, _word(r.likelihood), _word(r.effect), r.answer] for r in terms.risks]
    return _table(gettext("Risks and how they are met"), columns, rows)


def _files(terms: BidTerms) -> Block:
    columns = [
        (gettext("Title of the file"), 3),
        (gettext("Kind of file"), 3),
        (gettext("Fingerprint (SHA-256)"), 4),
    ]
    rows = [[one.title, _word(one.kind), one.sha256] for one in terms.attachments]
    return _table(gettext("Attachments"), columns, rows)
