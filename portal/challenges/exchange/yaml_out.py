"""Writing a stored call as YAML, exact and readable."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import yaml

from portal.challenges.exchange.columns import CALL, CHALLENGES, PARTS, RULES, Sheet
from portal.challenges.exchange.content import Content, Entry, Values
from portal.challenges.exchange.kinds import Prose

WIDTH = 110


class Dumper(yaml.SafeDumper):
    """YAML without anchors, with long texts as blocks and decimals as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written as a reference."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Rows stand under their name, indented."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _number(dumper: yaml.SafeDumper, number: Decimal) -> yaml.ScalarNode:
    kind = "int" if number == int(number) else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", format(number, "f"))


Dumper.add_representer(str, _text)
Dumper.add_representer(Decimal, _number)


def write(content: Content) -> bytes:
    """A call as YAML."""
    whole = {
        CALL.key: _mapping(CALL, content.call),
        CHALLENGES.key: [_entry(entry) for entry in content.challenges],
    }
    return yaml.dump(
        whole, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=WIDTH, encoding="utf-8"
    )


def _entry(entry: Entry) -> dict[str, object]:
    parts: dict[str, object] = {}
    for sheet in PARTS:
        rows = [_mapping(sheet, row) for row in entry.parts.get(sheet.key, ())]
        if rows:
            parts[sheet.key] = rows[0] if sheet is RULES else rows
    return {**_mapping(CHALLENGES, entry.values), **parts}


def _mapping(sheet: Sheet, values: Values) -> dict[str, object]:
    """The fields that have something in them, in the order of the columns."""
    found: dict[str, object] = {}
    for column in sheet.columns:
        value = values.get(column.key)
        if value is None or (isinstance(column.kind, Prose) and value == column.kind.empty):
            continue
        written = column.kind.plain(value)
        found[column.key] = str(written) if isinstance(written, datetime) else written
    return found
