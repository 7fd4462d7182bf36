"""The forms of a page, as somebody would fill them in who reads nothing and hurries."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from flask import Flask
from lxml import html
from werkzeug.exceptions import HTTPException

from portal.core.workdays import PLACE
from tests.factories.accounts import PASSWORD
from tests.factories.bids import PDF

WORDS = "检验用的文字，写得足够长，以便说明缘由、依据与做法，并请有关单位核实、答复。" * 2
TYPED = {
    "email": "somebody@example.org",
    "number": "1",
    "password": PASSWORD,
    "text": "检验",
    "textarea": WORDS,
    "search": "检验",
    "tel": "010-12345678",
    "url": "https://example.org/",
}
IN_A_MONTH = timedelta(days=30)
Data = dict[str, list[str]]


class Filled(NamedTuple):
    """A form that a page offers: where it goes, what is typed, which fields take a file."""

    endpoint: str
    values: dict[str, object]
    data: Data
    files: tuple[str, ...]
    free: tuple[str, ...]
    """Fields in which one may write what one likes."""

    @property
    def names(self) -> frozenset[str]:
        """The fields that it has, as far as they are shown."""
        return frozenset((*self.data, *self.files))

    def to_post(self, **changes: str | list[str]) -> dict[str, object]:
        """What a browser sends; files are made anew each time, as they are read once."""
        files = {name: (BytesIO(PDF), "文件.pdf") for name in self.files}
        return {**self.data, **files, **changes}


def forms_of(app: Flask, page: str, address: str, now: object) -> Iterator[Filled]:
    """Every form of a page that changes something."""
    adapter = app.url_map.bind("localhost")
    for form in html.fromstring(page).forms:
        if (form.get("method") or "").lower() != "post":
            continue
        path = urlsplit(urljoin(address, form.get("action") or "")).path
        try:
            endpoint, values = adapter.match(path, method="POST")
        except HTTPException:
            continue
        yield Filled(endpoint, values, _typed(form, now), _files(form), _free(form))


def _files(form: html.FormElement) -> tuple[str, ...]:
    return tuple(one.name for one in form.inputs if one.get("type") == "file" and one.name)


def _free(form: html.FormElement) -> tuple[str, ...]:
    return tuple(one.name for one in form.inputs if one.name and _takes_anything(one))


def _takes_anything(field: html.HtmlElement) -> bool:
    lines = "text", "search", "url"
    return field.tag == "textarea" or (field.tag == "input" and field.get("type", "text") in lines)


def _typed(form: html.FormElement, now: object) -> Data:
    data: Data = {}
    for field in form.inputs:
        if field.name and field.get("type") not in ("file", "submit", "button"):
            value = _value(field, now)
            if value is not None and not (field.name in data and _is_one_of(field)):
                data.setdefault(field.name, []).append(value)
    return data


def _is_one_of(field: html.HtmlElement) -> bool:
    return field.get("type") in ("radio", "checkbox")


def _value(field: html.HtmlElement, now: object) -> str | None:
    if field.tag == "select":
        options = [one for one in field.value_options if one]
        chosen = next(iter(field.value), "") if field.multiple else field.value
        return chosen or next(iter(options), "")
    kind = "textarea" if field.tag == "textarea" else field.get("type", "text")
    if kind in ("radio", "checkbox"):
        return field.get("value", "y")
    if (field.value or "").strip() or kind == "hidden":
        return field.value or ""
    if kind == "datetime-local":
        return (now + IN_A_MONTH).astimezone(PLACE).strftime("%Y-%m-%dT%H:%M")
    return TYPED.get(kind, "")
