"""What a browser would send of a section of the editor."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient


def section(client: FlaskClient, address: str, **changes: Any) -> dict[str, Any]:
    """A section's form as its page has it, with what is typed anew."""
    form = BeautifulSoup(client.get(address).text, "lxml").select_one("form[data-autosave]")
    assert form is not None
    data: dict[str, Any] = {}
    for field in form.select("[name]"):
        value = _value(field)
        if field.get("type") == "checkbox":
            data.setdefault(str(field["name"]), []).extend([] if value is None else [value])
        elif value is not None:
            data[str(field["name"])] = value
    return {**{name: value for name, value in data.items() if value != []}, **changes}


def _value(field: Tag) -> str | None:
    """What a field holds; None for a box that is not ticked and for a button."""
    if field.name == "textarea":
        return field.text.removeprefix("\n")
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return str(chosen["value"]) if chosen else None
    if field.name == "button" or (
        field.get("type") == "checkbox" and not field.has_attr("checked")
    ):
        return None
    return str(field.get("value") or "")
