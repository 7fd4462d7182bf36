"""The lanes of a race side by side: what each indicator asked, promised and reached, and the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.challenges.rules import Operator, Target, shown
from portal.core.money import PUBLIC_SOURCES
from portal.projects.models import ContractIndicator, Project

WHOLE = Decimal(100)
HEADROOM = Decimal("1.1")
"""How far the axis goes beyond the largest number."""


@dataclass(frozen=True)
class Cell:
    """One lane at one indicator; places on the axis are in percent, None without a number.

    `meets` says whether what was reached is what the challenge asked; None when nothing was told.
    """

    lane: str
    promised: str
    reached: str
    meets: bool | None
    length: str | None
    promise_at: str | None


@dataclass(frozen=True)
class Row:
    """One indicator over all lanes; `asked_at` is the place of what was asked, in percent."""

    name: str
    asked: str
    mandatory: bool
    asked_at: str | None
    cells: tuple[Cell, ...]

    @property
    def has_plot(self) -> bool:
        """Whether there is a number to draw."""
        return any(cell.length is not None for cell in self.cells)


@dataclass(frozen=True)
class Purse:
    """Public and own money of a lane so far, in yuan, contracted and come."""

    public: Decimal
    public_paid: Decimal
    own: Decimal
    own_received: Decimal


def rows(lanes: Sequence[Project], milestone: int | None) -> list[Row]:
    """Every indicator of the challenge over the lanes, at a milestone (its position).

    What acceptance measured counts before what a lane reported at the milestone.
    """
    places = {row.position: row for lane in lanes for row in lane.indicators}
    return [_row(places[position], lanes, milestone) for position in sorted(places)]


def _row(asked: ContractIndicator, lanes: Sequence[Project], milestone: int | None) -> Row:
    found = []
    for lane in lanes:
        own = next((one for one in lane.indicators if one.position == asked.position), None)
        value = _reached(lane, own, milestone) if own else None
        found.append((lane, own, value))
    numbers = [asked.asked_value, *(value for _, _, value in found)]
    numbers += [own.promised_value for _, own, _ in found if own]
    top = max((abs(number) for number in numbers if number is not None), default=Decimal(0))
    return Row(
        asked.name,
        asked.asked_words,
        asked.mandatory,
        _at(asked.asked_value, top),
        tuple(_cell(lane, own, value, top) for lane, own, value in found),
    )


def _cell(
    lane: Project, own: ContractIndicator | None, value: Decimal | None, top: Decimal
) -> Cell:
    if own is None:
        return Cell(_name(lane), "—", "—", None, None, None)
    told = shown(Target(Operator.EQUAL, value, None), own.unit).removeprefix("=").strip()
    reached = told if value is not None else "—"
    meets = own.asked.is_met_by(value) if value is not None else own.met
    return Cell(
        _name(lane),
        own.promised_words,
        reached,
        meets,
        _at(value, top),
        _at(own.promised_value, top),
    )


def _name(lane: Project) -> str:
    """The end of its code and its lead: short enough for a bar, and known without a list."""
    return f"{lane.code.rpartition('-')[2]} {lane.lead.name}"


def _reached(lane: Project, own: ContractIndicator, milestone: int | None) -> Decimal | None:
    if own.measured_value is not None:
        return own.measured_value
    told = [
        (one.position, value.value)
        for one in lane.milestones
        if milestone is None or one.position <= milestone
        for value in one.values
        if value.indicator_id == own.id and value.value is not None
    ]
    return max(told)[1] if told else None


def _at(value: Decimal | None, top: Decimal) -> str | None:
    if value is None or not top:
        return None
    return format(abs(value) / (top * HEADROOM) * WHOLE, ".2f")


def purse(lane: Project) -> Purse:
    """The money of a lane."""
    public = [fund for fund in lane.funds if fund.source in PUBLIC_SOURCES]
    own = [fund for fund in lane.funds if fund.source not in PUBLIC_SOURCES]
    zero = Decimal(0)
    return Purse(
        sum((fund.amount for fund in public), zero),
        sum((fund.paid for fund in public), zero),
        sum((fund.amount for fund in own), zero),
        sum((fund.paid for fund in own), zero),
    )
