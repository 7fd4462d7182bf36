"""A project's money by source and by time: planned, due, paid, received, left. All in yuan."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_, Worded
from portal.core.workdays import PLACE
from portal.projects.funds.models import Payment, Receipt, Tranche
from portal.projects.funds.rules import ReceiptState, TrancheState
from portal.projects.models import Project

NONE = Decimal(0)


class Event(Worded):
    """What happened to money on a day."""

    PLANNED = "planned", N_("Planned to fall due")
    DUE = "due", N_("Fell due")
    PAID = "paid", N_("Paid")
    REVERSED = "reversed", N_("Counter-entry")
    RECEIVED = "received", N_("Received and confirmed")
    WAITING = "waiting", N_("Received, not confirmed yet")


@dataclass(frozen=True)
class SourceLine:
    """One source: contracted, planned until today, due and unpaid, paid or received, and waiting."""

    source: FundSource
    amount: Decimal
    planned: Decimal | None
    due: Decimal | None
    paid: Decimal | None
    received: Decimal | None
    waiting: Decimal | None
    left: Decimal


@dataclass(frozen=True)
class Line:
    """One thing on a day; `left` is what the source still has after it, for what moved money."""

    day: date
    event: Event
    source: FundSource
    what: str
    amount: Decimal
    document: str = ""
    left: Decimal | None = None


def by_source(project: Project, receipts: Sequence[Receipt], now: datetime) -> list[SourceLine]:
    """The ledger's sums; what a source does not have is None."""
    return [
        _public(project, fund.source, fund.amount, fund.paid, now)
        if fund.source in PUBLIC_SOURCES
        else SourceLine(
            source=fund.source,
            amount=fund.amount,
            planned=None,
            due=None,
            paid=None,
            received=fund.paid,
            waiting=_total(
                one.amount
                for one in receipts
                if one.source is fund.source and one.state is ReceiptState.REPORTED
            ),
            left=fund.remaining,
        )
        for fund in project.funds
    ]


def _public(
    project: Project, source: FundSource, amount: Decimal, paid: Decimal, now: datetime
) -> SourceLine:
    own = [one for one in project.tranches if one.source is source]
    return SourceLine(
        source=source,
        amount=amount,
        planned=_total(one.amount for one in own if one.planned_at <= now),
        due=_total(one.left for one in own if one.state is TrancheState.DUE),
        paid=paid,
        received=None,
        waiting=None,
        left=amount - paid,
    )


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NONE)


def by_time(
    project: Project, payments: Sequence[Payment], receipts: Sequence[Receipt]
) -> list[Line]:
    """What happened and what is planned, by day."""
    left = {fund.source: fund.amount for fund in project.funds}
    public = [line for row in payments for line in _paid(row)]
    moved = [*public, *_received(receipts)]
    lines = []
    for line in sorted(moved, key=lambda line: line.day):
        if line.event is not Event.WAITING:
            left[line.source] -= line.amount
        lines.append(Line(**{**vars(line), "left": left[line.source]}))
    planned = [line for tranche in project.tranches for line in _planned(tranche)]
    return sorted([*lines, *planned], key=lambda line: line.day)


def _planned(tranche: Tranche) -> Iterator[Line]:
    what = tranche.milestone.title if tranche.milestone else ""
    if tranche.state in (TrancheState.DUE, TrancheState.PAID):
        at, event = tranche.due_at or tranche.planned_at, Event.DUE
    elif tranche.state is TrancheState.PLANNED:
        at, event = tranche.planned_at, Event.PLANNED
    else:
        return
    yield Line(_day(at), event, tranche.source, what, tranche.amount)


def _paid(row: Payment) -> Iterator[Line]:
    """A payment, and what took it back."""
    milestone = row.tranche.milestone
    what = milestone.title if milestone else ""
    yield Line(row.paid_on, Event.PAID, row.source, what, row.amount, row.voucher)
    if row.reversed_at:
        day = _day(row.reversed_at)
        yield Line(day, Event.REVERSED, row.source, what, -row.amount, row.voucher)


def _received(receipts: Sequence[Receipt]) -> Iterator[Line]:
    events = {ReceiptState.CONFIRMED: Event.RECEIVED, ReceiptState.REPORTED: Event.WAITING}
    for row in receipts:
        if row.state in events:
            event = events[row.state]
            yield Line(row.received_on, event, row.source, "", row.amount, row.document)


def _day(at: datetime) -> date:
    return at.astimezone(PLACE).date()
