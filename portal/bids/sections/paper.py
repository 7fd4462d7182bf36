"""The whole of a bid as one PDF, in the reader's language."""

from datetime import datetime
from typing import Any

from flask_babel import get_locale, gettext

from portal.bids.models import Bid, BidVersion
from portal.bids.screens import Reading, matrix, reading, reading_of
from portal.bids.sections.labels import (
    BACKGROUND,
    BUDGET,
    CHALLENGE,
    FILES,
    FINGERPRINT,
    FOREGROUND,
    KICKER,
    LEAD,
    MILESTONES,
    MONEY,
    NOTHING,
    OTHER_FUNDING,
    OWNERSHIP,
    PARTNERS,
    PEOPLE,
    PROMISES,
    RISKS,
    ROUTE,
    SCENARIO,
    SECURITY,
    SUMMARY,
    UNTITLED,
    VERSION,
    Form,
    state_of,
)
from portal.bids.sections.screens import budget_table
from portal.bids.terms import BidTerms
from portal.core.money import wan as in_wan
from portal.core.typeset import pdf
from portal.core.words import Worded
from portal.core.workdays import PLACE

Block = dict[str, Any]
SHOWN = 12
"""So many characters of a fingerprint name a version in passing; the whole stands on the first page."""


def made(bid: Bid, now: datetime) -> bytes:
    """What the person may read of the bid, on paper: the draft, or what was handed in."""
    return _set(bid, reading(bid), now)


def made_of(version: BidVersion) -> bytes:
    """A version on paper, as it was handed in, whatever the draft says since."""
    return _set(version.bid, reading_of(version), version.submitted_at)


def name_of(version: BidVersion) -> str:
    """The name of a version's file: the challenge, the number, the beginning of the fingerprint."""
    shown = version.commit[:SHOWN]
    return f"{version.bid.challenge.code}-v{version.number}-{shown}.pdf"


def _set(bid: Bid, read: Reading, now: datetime) -> bytes:
    at = read.version.submitted_at if read.version else now
    return pdf("bid", document(bid, read, at), at)


def document(bid: Bid, read: Reading, at: datetime) -> dict[str, Any]:
    """All that the template sets, in its order."""
    when = at.astimezone(PLACE).strftime("%Y-%m-%d %H:%M")
    return {
        "title": read.terms.title or gettext(UNTITLED),
        "author": bid.lead.name,
        "lang": "en" if str(get_locale() or "zh").startswith("en") else "zh",
        "head": f"{bid.challenge.code} {bid.challenge.title}",
        "state": _state(read.version, when),
        "kicker": gettext(KICKER),
        "facts": _facts(bid, read),
        "blocks": [block for block in _blocks(bid, read.terms) if block],
    }


def _state(version: BidVersion | None, when: str) -> str:
    if version is None:
        return str(gettext("Draft of %(when)s", when=when))
    handed_in = state_of(version.number, when)
    return f"{handed_in} · {version.commit[:SHOWN]}"


def _facts(bid: Bid, read: Reading) -> list[list[str]]:
    partners = "\n".join(f"{row['name']}: {row['duty']}" for row in read.partners)
    facts = [
        (gettext(CHALLENGE), f"{bid.challenge.code} {bid.challenge.title}"),
        (gettext(LEAD), bid.lead.name),
        (gettext(PARTNERS), partners or "—"),
        (gettext(BUDGET), f"{in_wan(read.terms.total):,.2f}"),
    ]
    if read.version is not None:
        facts.append((gettext(VERSION), str(read.version.number)))
        facts.append((gettext(FINGERPRINT), read.version.commit))
    return [list(fact) for fact in facts]


def _blocks(bid: Bid, terms: BidTerms) -> list[Block]:
    return [
        _text(SUMMARY, terms.summary),
        _text(ROUTE, terms.route),
        _table(PROMISES, _promises(bid, terms)),
        _table(MILESTONES, _milestones(bid, terms)),
        _table(MONEY, _money(terms)),
        _table(PEOPLE, _people(terms)),
        _table(RISKS, _risks(terms)),
        _text(SCENARIO, terms.scenario),
        _text(BACKGROUND, terms.background),
        _text(FOREGROUND, terms.foreground),
        _text(OWNERSHIP, terms.ownership),
        _text(SECURITY, terms.data_security),
        _text(OTHER_FUNDING, terms.other_funding),
        _table(FILES, _files(terms)),
    ]


def _text(title: str, text: str) -> Block:
    return {"kind": "text", "title": gettext(title), "text": text or gettext(NOTHING)}


def _table(form: Form, rows: list[list[str]]) -> Block:
    if not rows:
        return _text(form.title, "")
    return {
        "kind": "table",
        "title": gettext(form.title),
        "columns": [gettext(name) for name, _ in form.columns],
        "widths": [width for _, width in form.columns],
        "rows": [[cell or "—" for cell in row] for row in rows],
    }


def _word(member: Worded | None) -> str:
    return str(gettext(member.label)) if member else ""


def _promises(bid: Bid, terms: BidTerms) -> list[list[str]]:
    return [
        [row.name, row.asked, row.baseline, row.promised, row.how, row.proof]
        for row in matrix(bid.challenge, terms)
    ]


def _milestones(bid: Bid, terms: BidTerms) -> list[list[str]]:
    numbers = {row.id: str(n) for n, row in enumerate(bid.challenge.indicators, start=1)}
    return [
        [
            str(row.month or ""),
            row.title,
            row.deliverable,
            ", ".join(numbers[key] for key in row.indicators if key in numbers),
            str(row.share or ""),
        ]
        for row in terms.milestones
    ]


def _money(terms: BidTerms) -> list[list[str]]:
    return [
        [
            str(row["year"] or ""),
            _word(row["kind"]),
            *(f"{in_wan(amount):,.2f}" if amount else "" for amount in row["amounts"]),
            f"{in_wan(row['sum']):,.2f}",
        ]
        for row in budget_table(terms.items)
    ]


def _people(terms: BidTerms) -> list[list[str]]:
    return [
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


def _risks(terms: BidTerms) -> list[list[str]]:
    return [[r.risk, _word(r.likelihood), _word(r.effect), r.answer] for r in terms.risks]


def _files(terms: BidTerms) -> list[list[str]]:
    return [[one.title, _word(one.kind), one.sha256] for one in terms.attachments]
