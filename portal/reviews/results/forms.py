"""The form in which reviewers' words are checked."""

from typing import Any, Self

from wtforms import FieldList, FormField, HiddenField

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.results.queries import Said


class RemarkLine(RowForm):
    """One text as the team will read it."""

    key = HiddenField()
    words = fields.prose(N_("What the team reads"), 4000, required=False)

    def is_blank(self) -> bool:
        """Never: a blank text is one that is held back."""
        return False


class RemarksForm(PortalForm):
    """All texts about a bid."""

    lines = FieldList(FormField(RemarkLine))

    @classmethod
    def of(cls, texts: list[Said], **facts: Any) -> Self:
        """The form with a line for each text; one that nobody has checked stands as it was written."""
        told = [
            {"key": said.key, "words": said.checked.words if said.checked else said.original}
            for said in texts
        ]
        form = cls(data={"lines": told}, **facts)
        while len(form.lines) > len(texts):
            form.lines.pop_entry()
        while len(form.lines) < len(texts):
            form.lines.append_entry()
        return form

    def words(self) -> dict[str, str]:
        """What was typed, by the keys of the texts."""
        return {line.form.key.data: line.form.words.data or "" for line in self.lines}
