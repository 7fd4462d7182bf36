"""Every kind of field: what is no answer gets a message at the field and stays as it was typed."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from portal.core import fields
from portal.core.errors import Invalid, InvalidInput, NotFound
from portal.core.fields import PortalForm, RowForm
from portal.core.words import Worded


class Colour(Worded):
    """A choice."""

    RED = "red", "Red"
    BLUE = "blue", "Blue"


class Row(RowForm):
    """A row."""

    name = fields.line("Name", 10)
    count = fields.whole("Count", 1, 100)


class Form(PortalForm):
    """One field of each kind; nothing needed."""

    line = fields.line("Line", 10, required=False)
    prose = fields.prose("Prose", 20, required=False, minimum=5)
    email = fields.email("E-mail")
    whole = fields.whole("Whole", 1, 60, required=False)
    number = fields.number("Number", required=False)
    money = fields.money("Money", required=False)
    moment = fields.moment("Moment", required=False)
    choice = fields.choice("Choice", Colour)
    table = fields.rows("Table", Row, blank=2, most=3)
    file = fields.upload("File", required=False)


class Needed(PortalForm):
    """One field of each kind; all needed."""

    line = fields.line("Line")
    prose = fields.prose("Prose")
    email = fields.email("E-mail")
    secret = fields.secret("Secret")
    whole = fields.whole("Whole", 1, 60)
    number = fields.number("Number")
    money = fields.money("Money")
    moment = fields.moment("Moment")
    choice = fields.choice("Choice", Colour)
    file = fields.upload("File")


GOOD = {"email": "a@example.org", "choice": "red"}


@pytest.fixture
def filled(app: Flask) -> Any:
    """Fill in a form as a browser does and validate it."""
    contexts = []

    def fill(kind: type[PortalForm] = Form, /, **typed: Any) -> PortalForm:
        context = app.test_request_context("/", method="POST", data=typed)
        context.push()
        contexts.append(context)
        form = kind()
        form.validate()
        return form

    yield fill
    for context in reversed(contexts):
        context.pop()


def shown(form: PortalForm, name: str) -> str:
    return str(form[name]())


def test_what_is_missing_is_asked_for_at_its_field(filled: Any) -> None:
    every = [
        "line",
        "prose",
        "email",
        "secret",
        "whole",
        "number",
        "money",
        "moment",
        "choice",
        "file",
    ]
    assert list(filled(Needed).errors) == every
    assert list(filled(Needed, **dict.fromkeys(every, "")).errors) == every
    blank = filled(Needed, line=" \u3000 ", prose="\r\n", whole=" ", number="\t", file=None)
    assert {"line", "prose", "whole", "number", "file"} <= set(blank.errors)


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("line", "长" * 11, "10"),
        ("prose", "长" * 21, "20"),
        ("prose", "短", "5"),
        ("email", "nobody", "name@example.org"),
        ("email", "a@" + "b" * 260 + ".org", "254"),
        ("whole", "1.5", "整数"),
        ("whole", "many", "整数"),
        ("whole", "0", "1"),
        ("whole", "-3", "1"),
        ("whole", "61", "60"),
        ("whole", "9" * 5000, "整数"),
        ("whole", "9" * 400, "60"),
        ("number", "abc", "数字"),
        ("number", "NaN", "数字"),
        ("number", "sNaN", "数字"),
        ("number", "inf", "数字"),
        ("number", "-Infinity", "数字"),
        ("number", "1e309", "99999999999999.99"),
        ("number", "-1e309", "-99999999999999.99"),
        ("number", "1e999999999999", "99999999999999.99"),
        ("number", "1.0000001", "6"),
        ("number", "1e-999999", "6"),
        ("number", "0x10", "数字"),
        ("money", "-1", "负数"),
        ("money", "-0.000001", "负数"),
        ("money", "NaN", "数字"),
        ("money", "1e309", "过大"),
        ("money", "-1e309", "负数"),
        ("money", "99999999999999", "过大"),
        ("money", "1.0000001", "6"),
        ("money", "五百", "数字"),
        ("moment", "tomorrow", "日期"),
        ("moment", "2026-02-30T10:00", "日期"),
        ("moment", "0001-01-01T00:00", "日期"),
        ("moment", "99999-01-01T00:00", "日期"),
        ("choice", "green", ""),
    ],
)
def test_what_is_no_answer_has_a_message_and_stays(
    filled: Any, name: str, typed: str, message: str
) -> None:
    form = filled(**{**GOOD, name: typed})
    assert list(form.errors) == [name]
    assert message in " ".join(str(error) for error in form[name].errors)
    if name != "choice":
        assert typed in shown(form, name)


@pytest.mark.parametrize(
    ("name", "typed", "data"),
    [
        ("line", "  榜\x00题  ", "榜题"),
        ("prose", "一\r\n二三四", "一\n二三四"),
        ("whole", "12", 12),
        ("whole", " 12 ", 12),
        ("number", "1,234.5", Decimal("1234.5")),
        ("number", "-0.000001", Decimal("-0.000001")),
        ("number", "1e3", Decimal(1000)),
        ("number", "0e99999", Decimal(0)),
        ("money", "500", Decimal(5_000_000)),
        ("money", "0.0001", Decimal("1.00")),
        ("money", "9999999999.99", Decimal("99999999999900.00")),
        ("money", "0e99999", Decimal(0)),
        ("moment", "2026-05-01T08:00", datetime(2026, 5, 1, 0, 0, tzinfo=UTC)),
        ("choice", "blue", Colour.BLUE),
    ],
)
def test_what_is_an_answer_is_taken(filled: Any, name: str, typed: str, data: object) -> None:
    form = filled(**{**GOOD, name: typed})
    assert form.errors == {}
    assert form[name].data == data
    if isinstance(data, Decimal):
        assert len(format(form[name].data, "f")) < 30


def test_a_moment_that_claims_another_zone_is_refused(filled: Any) -> None:
    form = filled(**GOOD, moment="2026-05-01T08:00+05:00")
    assert form.errors.keys() == {"moment"}


def test_data_are_shown_as_they_are_typed(app: Flask) -> None:
    with app.test_request_context("/"):
        moment = datetime(2026, 5, 1, 0, 0, tzinfo=UTC)
        data = {"money": Decimal("5000000.00"), "number": Decimal("0.300000"), "moment": moment}
        form = Form(formdata=None, data=data)
        assert 'value="500"' in shown(form, "money")
        assert 'value="0.3"' in shown(form, "number")
        assert 'value="2026-05-01T08:00"' in shown(form, "moment")


def test_rows_in_which_nothing_was_typed_are_not_there(filled: Any) -> None:
    blank = {"table-0-name": "", "table-0-count": " "}
    form = filled(**GOOD, **blank, **{"table-2-name": "乙", "table-2-count": "2"})
    assert form.errors == {}
    assert [row.name.data for row in form.table.filled] == ["乙"]
    half = filled(**GOOD, **{"table-0-count": "3"})
    assert "table" in half.errors


def test_more_rows_than_are_allowed_do_not_crash(filled: Any) -> None:
    typed = {f"table-{n}-{key}": "1" for n in (*range(9), 10**30) for key in ("name", "count")}
    assert len(filled(**GOOD, **typed).table.entries) == 3


def test_an_empty_file_field_is_no_file(filled: Any) -> None:
    none = FileStorage(BytesIO(b""), filename="")
    assert filled(**GOOD, file=none).file.upload is None
    some = filled(**GOOD, file=(BytesIO(b"x"), "a.pdf")).file.upload
    assert (some.name, some.stream.read()) == ("a.pdf", b"x")


def test_an_act_is_taken_or_its_refusal_stands_at_the_field(filled: Any) -> None:
    def refuse(error: Exception) -> None:
        raise error

    form, done = filled(**GOOD), list[str]()
    assert form.takes(lambda: done.append("done"))
    assert done == ["done"]
    assert not form.takes(lambda: refuse(Invalid("whole", "wrong whole")))
    assert not form.takes(lambda: refuse(InvalidInput([Invalid("line", "wrong line")])))
    assert (form.whole.errors, form.line.errors) == (["wrong whole"], ["wrong line"])
    with pytest.raises(NotFound):
        form.takes(lambda: refuse(NotFound()))


def test_a_rule_speaks_at_the_field_it_is_about(filled: Any) -> None:
    names = {"table-0-name": "", "table-1-name": "甲", "table-2-name": "乙"}
    form = filled(**GOOD, **names, **{"table-1-count": "1", "table-2-count": "2"})
    problems = [
        Invalid("whole", "wrong whole"),
        Invalid("table", "wrong table"),
        Invalid("table.1.count", "wrong %(what)s", what="count"),
    ]
    form.place(InvalidInput(problems))
    assert form.whole.errors == ["wrong whole"]
    assert "wrong table" in form.table.errors
    assert form.table.entries[2].form["count"].errors == ["wrong count"]
    assert form.table.entries[1].form["count"].errors == []
