"""Between a challenge's tables and its sheet."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from portal.challenges.models import Challenge, ChallengeFund, Criterion, Indicator
from portal.challenges.sheet import PLAIN, ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource

R = TypeVar("R", Indicator, Criterion)


def facts_of(challenge: Challenge) -> ChallengeFacts:
    """The sheet of a stored challenge."""
    return ChallengeFacts(
        **{name: getattr(challenge, name) for name in PLAIN},
        indicators=tuple(_indicator(row) for row in challenge.indicators),
        funds={fund.source: fund.amount for fund in challenge.funds},
        criteria=tuple(
            CriterionFacts(row.name, row.weight, row.guidance) for row in challenge.criteria
        ),
    )


def _indicator(row: Indicator) -> IndicatorFacts:
    names = IndicatorFacts.__dataclass_fields__
    return IndicatorFacts(**{name: getattr(row, name) for name in names})


def fill(challenge: Challenge, facts: ChallengeFacts) -> None:
    """Write a sheet into the tables; rows that stay keep their ids."""
    for name in PLAIN:
        setattr(challenge, name, getattr(facts, name))
    challenge.indicators = _rows(challenge.indicators, Indicator, facts.indicators)
    challenge.criteria = _rows(challenge.criteria, Criterion, facts.criteria)
    _fill_funds(challenge, facts.funds)


def _rows(kept: list[R], kind: type[R], wanted: Sequence[object]) -> list[R]:
    """As many rows as are wanted: those there are, changed in place, then new ones."""
    rows: list[R] = kept[: len(wanted)] + [kind() for _ in wanted[len(kept) :]]
    for position, (row, facts) in enumerate(zip(rows, wanted, strict=True)):
        row.position = position
        for name, value in vars(facts).items():
            setattr(row, name, value)
    return rows


def _fill_funds(challenge: Challenge, funds: dict[FundSource, Decimal]) -> None:
    """Change amounts in place: a source is there once, and rows are deleted after inserts."""
    known = {fund.source: fund for fund in challenge.funds}
    for source, amount in funds.items():
        if source in known:
            known[source].amount = amount
        elif amount:
            challenge.funds.append(ChallengeFund(source=source, amount=amount))
