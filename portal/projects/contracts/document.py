"""A contract as an ordered list of blocks, which the page and the paper show alike."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.core.money import wan
from portal.core.words import N_
from portal.projects.contracts.terms import Clause, MoneyTerm, Terms
from portal.projects.funds.rules import tranche_amounts

Block = dict[str, Any]
"""`kind` is "text" (with `text`) or "table" (with `columns`, their `widths`, whether each holds nothing
but `figures`, and `rows`)."""
FIGURE = re.compile(r"[\d,.]+")
SHOWN = 12
"""So many characters of a fingerprint name a bid in passing."""
FIRST = (Clause.PLEDGE, Clause.CONSEQUENCES)
"""The clauses that stand before the money, right behind what is pledged."""


def blocks(terms: Terms) -> list[Block]:
    """The whole text in the reader's language, numbered; clauses as they were written."""
    found = [
        _table(N_("Parties"), PARTIES, _parties(terms)),
        *([_text(N_("Leader of the work"), terms.leader)] if terms.leader else []),
        _text(N_("Application scenario"), _scenario(terms)),
        _table(N_("Indicators"), INDICATORS, _indicators(terms)),
        *(_text(clause.label, terms.clauses[clause]) for clause in FIRST),
        _table(N_("Milestones"), MILESTONES, _milestones(terms)),
        _table(N_("Money by source"), MONEY, _money(terms)),
        *([_table(N_("Money by kind of cost"), COSTS, _costs(terms))] if terms.costs else []),
        _table(N_("Tranches of public money"), _tranche_columns(terms), _tranches(terms)),
        *(_text(clause.label, terms.clauses[clause]) for clause in Clause if clause not in FIRST),
        _text(N_("Where this contract comes from"), _origin(terms)),
    ]
    return [{**block, "title": f"{n}. {block['title']}"} for n, block in enumerate(found, start=1)]


Columns = tuple[tuple[str, int], ...]
PARTIES: Columns = (
    (N_("As what"), 3),
    (N_("Organisation"), 6),
    (N_("Unified social credit code"), 5),
)
INDICATORS: Columns = (
    (N_("No."), 1),
    (N_("Indicator"), 4),
    (N_("Asked"), 3),
    (N_("Promised"), 4),
    (N_("How it is tested"), 4),
)
MILESTONES: Columns = (
    (N_("No."), 1),
    (N_("Month"), 1),
    (N_("Milestone"), 3),
    (N_("Deliverable"), 5),
    (N_("Indicators"), 2),
    (N_("Share in percent"), 2),
)
MONEY: Columns = ((N_("Fund source"), 4), (N_("Amount (10,000 yuan)"), 3))
COSTS: Columns = ((N_("Kind of cost"), 4), (N_("Amount (10,000 yuan)"), 3))


def said(text: str, **facts: object) -> str:
    """A marked text in the reader's language."""
    return str(gettext(text, **facts))


def in_wan(amount: Decimal) -> str:
    """Yuan as 万元 with two decimals."""
    return f"{wan(amount):,.2f}"


def _text(title: str, text: str) -> Block:
    return {"kind": "text", "title": gettext(title), "text": text}


def _table(title: str, columns: Columns, rows: Iterator[list[str]]) -> Block:
    told = [[cell or "—" for cell in row] for row in rows]
    return {
        "kind": "table",
        "title": gettext(title),
        "columns": [gettext(name) for name, _ in columns],
        "widths": [width for _, width in columns],
        "figures": [all(map(FIGURE.fullmatch, cells)) for cells in zip(*told, strict=True)],
        "rows": told,
    }


def _parties(terms: Terms) -> Iterator[list[str]]:
    for row in terms.parties:
        yield [gettext(row.part.label), row.name, row.code]


def _scenario(terms: Terms) -> str:
    text = N_("Site: %(site)s. Owner: %(owner)s. Use: %(use)s")
    return said(text, site=terms.site, owner=terms.owner, use=terms.use)


def _indicators(terms: Terms) -> Iterator[list[str]]:
    for row in terms.indicators:
        asked = row.asked_words or gettext(N_("as described"))
        yield [str(row.position), row.name, asked, row.promised_words, row.test_method]


def _milestones(terms: Terms) -> Iterator[list[str]]:
    for row in terms.milestones:
        shown = ", ".join(str(one) for one in row.indicators)
        facts = [str(row.position), str(row.month), row.title, row.deliverable]
        yield [*facts, shown, str(row.share)]


def _money(terms: Terms) -> Iterator[list[str]]:
    for row in terms.money:
        yield [gettext(row.source.label), in_wan(row.amount)]
    yield [gettext(N_("Total")), in_wan(terms.total)]


def _costs(terms: Terms) -> Iterator[list[str]]:
    for row in terms.costs:
        yield [gettext(row.category.label), in_wan(row.amount)]
    yield [gettext(N_("Total")), in_wan(sum((row.amount for row in terms.costs), Decimal(0)))]


def _tranche_columns(terms: Terms) -> Columns:
    return ((N_("Falls due"), 4), *((row.source.label, 3) for row in terms.public_money))


def _tranches(terms: Terms) -> Iterator[list[str]]:
    parts = [amounts_of(terms, row) for row in terms.public_money]
    accepted = N_("when milestone %(number)s is accepted")
    gates = [gettext(N_("when this contract is signed"))]
    gates += [gettext(accepted, number=row.position) for row in terms.milestones]
    gates.append(gettext(N_("when the project is accepted")))
    for gate, *amounts in zip(gates, *parts, strict=True):
        if any(amounts):
            yield [gate, *(in_wan(amount) for amount in amounts)]


def amounts_of(terms: Terms, money: MoneyTerm) -> list[Decimal]:
    """Yuan of a public source at each gate: as a change cut them, else by the shares."""
    if not terms.tranches:
        return tranche_amounts(money.amount, terms.shares)
    cut = {row.gate: row.amount for row in terms.tranches if row.source is money.source}
    return [cut.get(gate, Decimal(0)) for gate in range(len(terms.shares))]


def _origin(terms: Terms) -> str:
    return said(
        N_(
            "Indicators, milestones and money were taken from version %(version)s of the winning bid "
            "(fingerprint %(commit)s…) on challenge %(code)s “%(title)s”; nothing was retyped. Dates "
            "count from the day on which the last party confirms."
        ),
        version=terms.bid_version,
        commit=terms.bid_commit[:SHOWN],
        code=terms.challenge_code,
        title=terms.challenge_title,
    )
