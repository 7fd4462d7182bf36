"""What a file of a call means, between the columns of a file and the facts of the portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.challenges.exchange.columns import (
    CALL,
    CHALLENGES,
    CRITERIA,
    INDICATORS,
    RULES,
    Part,
    Sheet,
)
from portal.challenges.exchange.kinds import Prose
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts, CriterionFacts, IndicatorFacts
from portal.core.money import FundSource

Values = Mapping[str, object]


@dataclass(frozen=True)
class Entry:
    """A challenge and the rows that belong to it, by sheet."""

    values: Values
    parts: Mapping[str, tuple[Values, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Content:
    """A call with its challenges."""

    call: Values
    challenges: tuple[Entry, ...] = ()


def settings_of(values: Values, usual: Settings) -> Settings:
    """The settings that columns give, the usual ones where they are blank."""
    given: dict[str, Any] = {
        column.key: values[column.key]
        for column in CALL.of(Part.SETTING)
        if values.get(column.key) not in (None, ())
    }
    return Settings(**{**vars(usual), **given})


def facts_of(entry: Entry, usual: Settings) -> ChallengeFacts:
    """The sheet of a challenge in a call with these settings; what is blank takes its default."""
    own: dict[str, Any] = {
        column.key: entry.values[column.key]
        for column in CHALLENGES.of(Part.OWN)
        if column.key != "code" and entry.values.get(column.key) is not None
    }
    rules: Values = next(iter(entry.parts.get(RULES.key, ())), {})
    indicators: list[dict[str, Any]] = [dict(row) for row in entry.parts.get(INDICATORS.key, ())]
    criteria: list[dict[str, Any]] = [dict(row) for row in entry.parts.get(CRITERIA.key, ())]
    amounts: dict[str, Any] = dict(entry.values)
    return ChallengeFacts(
        **own,
        funds={source: amounts[source.value] for source in FundSource},
        indicators=tuple(IndicatorFacts(**row) for row in indicators),
        criteria=tuple(CriterionFacts(**row) for row in criteria),
        settings=settings_of(rules, usual).differing(usual),
    )


def entry_of(code: str, facts: ChallengeFacts, usual: Settings) -> Entry:
    """A challenge sheet by columns."""
    amounts = {source.value: facts.funds.get(source, 0) for source in FundSource}
    chosen = Settings.from_json({**usual.to_json(), **facts.settings})
    differing = {key: getattr(chosen, key) for key in chosen.differing(usual)}
    parts: dict[str, tuple[Values, ...]] = {
        INDICATORS.key: tuple(vars(row) for row in facts.indicators),
        CRITERIA.key: tuple(vars(row) for row in facts.criteria),
        RULES.key: (differing,) if differing else (),
    }
    return Entry({**vars(facts), **amounts, "code": code}, parts)


def plain(entry: Entry) -> object:
    """An entry in a form that is the same whenever its files are the same."""
    parts = [
        [_plain(sheet, row) for row in entry.parts.get(sheet.key, ())]
        for sheet in (INDICATORS, CRITERIA, RULES)
    ]
    return _plain(CHALLENGES, entry.values), parts


def _plain(sheet: Sheet, values: Values) -> dict[str, object]:
    return {
        column.key: column.kind.plain(values[column.key])
        for column in sheet.columns
        if values.get(column.key) is not None
        and not (isinstance(column.kind, Prose) and not values[column.key])
    }


def plain_call(values: Values) -> dict[str, object]:
    """The same of a call."""
    return _plain(CALL, values)
