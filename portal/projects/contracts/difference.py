"""What differs between two versions of a contract, word by word, in the reader's language."""

from collections.abc import Iterator
from decimal import Decimal

from flask_babel import gettext

from portal.bids.terms import BudgetCategory
from portal.challenges.amendments.difference import Fate
from portal.challenges.amendments.screens import (
    MARKS,
    Shown,
    ShownDifference,
    ShownRow,
    ShownTable,
)
from portal.challenges.amendments.wording import compared
from portal.core.money import FundSource
from portal.core.words import N_
from portal.projects.contracts.document import in_wan
from portal.projects.contracts.terms import Clause, IndicatorTerm, MilestoneTerm, Part, Terms

Words = list[tuple[str, str]]
"""Labels, and what stands under them."""


def difference(before: Terms, after: Terms) -> ShownDifference:
    """Every negotiable part that is not the same."""
    indicators = zip(before.indicators, after.indicators, strict=True)
    milestones = zip(before.milestones, after.milestones, strict=True)
    tables = (
        _table(N_("Indicators"), ((b.name, _indicator(b), _indicator(a)) for b, a in indicators)),
        _table(N_("Milestones"), ((b.title, _milestone(b), _milestone(a)) for b, a in milestones)),
    )
    fields = _shown(_whole(before), _whole(after))
    return ShownDifference(tuple(fields), tuple(table for table in tables if table.rows))


def _whole(terms: Terms) -> Words:
    share = N_("Share of public money at the signing, in percent")
    last = N_("Share of public money after the acceptance, in percent")
    clauses = [(clause.label, terms.clauses[clause]) for clause in Clause]
    return [
        *_people(terms),
        *_sums(terms),
        (share, str(terms.signing_share)),
        (last, str(terms.acceptance_share)),
        *clauses,
    ]


def _people(terms: Terms) -> Words:
    """Who is on the team: the partners by name, and who leads the work."""
    names = [row.name for row in terms.parties if row.part is Part.PARTNER]
    return [(N_("Partners"), gettext(", ").join(names)), (N_("Leader of the work"), terms.leader)]


def _sums(terms: Terms) -> Words:
    """The money by source and by kind of cost, in 万元."""
    sources = {row.source: row.amount for row in terms.money}
    costs = {row.category: row.amount for row in terms.costs}
    return [
        *((one.label, _wan(sources.get(one))) for one in FundSource),
        *((one.label, _wan(costs.get(one))) for one in BudgetCategory),
    ]


def _wan(amount: Decimal | None) -> str:
    return in_wan(amount) if amount else "—"


def _indicator(row: IndicatorTerm) -> Words:
    return [(N_("Promised"), row.promised_words), (N_("How it is tested"), row.test_method)]


def _milestone(row: MilestoneTerm) -> Words:
    month, share = (N_("Month"), str(row.month)), (N_("Share in percent"), str(row.share))
    return [month, (N_("Deliverable"), row.deliverable), share]


def _shown(before: Words, after: Words) -> Iterator[Shown]:
    for (label, old), (_, new) in zip(before, after, strict=True):
        if old != new:
            yield Shown(gettext(label), compared(old, new), is_prose=len(old + new) > 80)


def _table(label: str, rows: Iterator[tuple[str, Words, Words]]) -> ShownTable:
    found = []
    for title, old, new in rows:
        columns = tuple(_shown(old, new))
        if columns:
            found.append(ShownRow(title, Fate.CHANGED, MARKS[Fate.CHANGED], columns))
    return ShownTable(gettext(label), tuple(found))
