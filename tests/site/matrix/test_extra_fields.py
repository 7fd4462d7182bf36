"""A form takes what it asks for and nothing else, whatever fields are sent along."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Column

from portal.models import metadata
from tests.site.matrix.forms import Filled
from tests.site.matrix.sides import Side
from tests.site.matrix.table import Cell
from tests.site.matrix.visitors import REACHED, Visitor, Written, nothing_written
from tests.site.matrix.world import Matrix

pytestmark = pytest.mark.xdist_group("matrix")
OTHERS = {"roles": "administrator", "is_admin": "y", "org_id": "", "status": "awarded"}
"""Names that no table has, and that other programs take."""
AT = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)
MOST_FIELDS = 900
REACHING = 65
"""So many forms at least come as far as their commit: a form that is refused proves little."""


def extras(side: Side) -> dict[str, str]:
    """Every column of every table as a field, with a value that fits it and is the other side's."""
    homes = {"organisations": side.lead_home.id, "people": side.lead.id, "bids": side.bid.id}
    found = {**OTHERS, "org_id": str(side.lead_home.id)}
    for table in metadata.sorted_tables:
        for column in table.columns:
            found.setdefault(column.name, _value(column, homes, side.open.id))
    return found


def _value(column: Column[Any], homes: dict[str, UUID], other: UUID) -> str:
    enums = getattr(column.type, "enums", None)
    if enums:
        return str(enums[-1])
    kind = column.type.python_type
    if kind is UUID:
        tables = [key.column.table.name for key in column.foreign_keys]
        return str(homes.get(tables[0], other) if tables else other)
    values = {str: "smuggled", bool: "y", datetime: AT.strftime("%Y-%m-%dT%H:%M")}
    return values.get(kind, "987654")


def texts(value: object) -> Iterator[str]:
    """All that is in the values of a statement, however deep, as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner if isinstance(key, str) else [key, inner])
    elif isinstance(value, list | tuple | set):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, Jsonb):
        yield from texts(value.obj)
    elif isinstance(value, Enum):
        yield str(value.value)
    elif isinstance(value, datetime):
        yield value.strftime("%Y-%m-%dT%H:%M")
    else:
        yield str(value)


def posted(
    matrix: Matrix, cell: Cell, who: Visitor, form: Filled, **more: str
) -> tuple[int, list[Written]]:
    """The status, and what would have been written."""
    with nothing_written(matrix.app) as written:
        answer = matrix.ask(cell, who, data={**more, **form.to_post()})
    return answer.status_code, written


def differences(plain: list[Written], more: list[Written], sent: dict[str, str]) -> list[str]:
    """What the extra fields have changed: other statements, or their values in one."""
    told = [sorted(statement for statement, _ in written) for written in (plain, more)]
    known, now = (
        {text for _, values in written for text in texts(values)} for written in (plain, more)
    )
    taken = (now - known) & {value for value in sent.values() if len(value) > 1}
    return [*({"other statements"} if told[0] != told[1] else ()), *taken]


def test_fields_that_a_form_does_not_ask_for_have_no_effect(matrix: Matrix) -> None:
    assert matrix.misled == []
    sent, wrong, reached = extras(matrix.sides[1]), [], 0
    for cell in matrix.cells("POST"):
        form = matrix.forms.get(cell.endpoint)
        inside = matrix.inside(cell)
        if cell.side or form is None or not inside:
            continue
        fields = {name: value for name, value in sent.items() if name not in form.names}
        assert len(form.names) + len(fields) < MOST_FIELDS
        before, plain = posted(matrix, cell, inside[0], form)
        after, more = posted(matrix, cell, inside[0], form, **fields)
        reached += before == REACHED
        found = differences(plain, more, fields)
        if found or before != after:
            wrong.append(f"{inside[0].name}: {cell.endpoint}: {before}, {after}: {found}")
    assert wrong == [], "\n".join(wrong)
    assert reached >= REACHING, reached
