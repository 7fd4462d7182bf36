"""A lost update that was refused: what was typed beside what somebody else has saved meanwhile."""

from flask_babel import gettext
from wtforms import Field

from portal.core.fields import PortalForm, RowsField

HIDDEN = frozenset({"revision", "seen", "csrf_token"})


def both_texts(typed: PortalForm, saved: PortalForm) -> list[tuple[str, str, str]]:
    """Each field that differs: its label, what is typed, what is saved."""
    return [
        (str(field.label.text), _text(field), _text(saved[field.name]))
        for field in typed
        if field.name not in HIDDEN and _text(field) != _text(saved[field.name])
    ]


def _text(field: Field) -> str:
    """What a field says, as words; a row a line."""
    if isinstance(field, RowsField):
        rows = [[_text(part) for part in row if part.name != "csrf_token"] for row in field.filled]
        return "\n".join(" · ".join(part for part in row if part) for row in rows)
    if hasattr(field, "iter_choices"):
        return ", ".join(str(choice[1]) for choice in field.iter_choices() if choice[2])
    if field.type == "BooleanField":
        return str(gettext("yes") if field.data else gettext("no"))
    return str(field._value() or "").replace("\r\n", "\n")
