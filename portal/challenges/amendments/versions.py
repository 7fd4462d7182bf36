"""A challenge's whole sheet as canonical JSON, with the rules frozen into it, and back.

Plain keys, rows for tables, no blanks: what versions keep, amendments change and readers compare.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC
from decimal import Decimal
from typing import Any

from portal.challenges.amendments.difference import TABLES, is_blank, matched
from portal.challenges.content import facts_of, fill
from portal.challenges.models import Challenge, Indicator
from portal.challenges.settings import Settings
from portal.challenges.sheet import ChallengeFacts
from portal.core.db import Json
from portal.core.money import FundSource

RULES = frozenset(item.name for item in fields(Settings))
SAME_PROMISE = ("operator", "unit")
"""An indicator that is asked in another unit or direction is a new one to whoever has promised."""


def sheet_of(challenge: Challenge) -> Json:
    """The sheet as it stands."""
    papers = [{"title": one.title, "sha256": one.file.sha256} for one in challenge.attachments]
    sheet = _written(facts_of(challenge), challenge.rules)
    return {**sheet, "attachments": papers} if papers else sheet


def _written(facts: ChallengeFacts, rules: Settings) -> Json:
    closes_at = facts.closes_at.astimezone(UTC) if facts.closes_at else None
    stored = replace(facts, closes_at=closes_at).to_json()
    amounts = stored.pop("funds")
    del stored["settings"]
    rows = [
        {"source": source.value, "amount": amounts[source.value]}
        for source in FundSource
        if Decimal(amounts.get(source.value, "0"))
    ]
    sheet = {**stored, **rules.to_json(), "funds": rows}
    return {name: value for name, value in sheet.items() if not is_blank(value)}


def facts_in(sheet: Json) -> ChallengeFacts:
    """The sheet as the editor and the completeness know it; its settings are all of them."""
    named = {row["source"]: row["amount"] for row in sheet.get("funds", [])}
    amounts = {source.value: named.get(source.value, "0") for source in FundSource}
    rules = rules_in(sheet).to_json()
    return ChallengeFacts.from_json({"title": "", **sheet, "funds": amounts, "settings": rules})


def rules_in(sheet: Json) -> Settings:
    """The rules that the sheet freezes."""
    return Settings.from_json({name: sheet[name] for name in RULES if name in sheet})


def changed(sheet: Json, values: Mapping[str, Any]) -> Json:
    """The sheet with other values, by the names of the facts; `settings` may be some of them."""
    plain = {name: value for name, value in values.items() if name != "settings"}
    rules = Settings.from_json({**rules_in(sheet).to_json(), **values.get("settings", {})})
    made = _written(replace(facts_in(sheet), **plain), rules)
    papers = sheet.get("attachments")
    return {**made, "attachments": papers} if papers else made


def write(challenge: Challenge, sheet: Json) -> None:
    """Make a challenge say what the sheet says; indicators that stay keep their ids."""
    facts = facts_in(sheet)
    challenge.indicators = _arranged(challenge, sheet)
    fill(challenge, facts)


def _arranged(challenge: Challenge, sheet: Json) -> list[Indicator]:
    """A row for each indicator in its new place: the old row where a promise still holds for it."""
    old, before = list(challenge.indicators), sheet_of(challenge).get("indicators", [])
    after = sheet.get("indicators", [])
    return [
        old[was]
        if was is not None and all(before[was][name] == row[name] for name in SAME_PROMISE)
        else Indicator()
        for was, row in zip(matched(TABLES["indicators"], before, after), after, strict=True)
    ]
