"""One section, shown, saved by its button or by itself: the same for a draft and an amendment.

Whoever keeps the sheet says how it stands, how it is written and how its page looks; here is what
becomes of what was typed, so that nothing of it is lost and nothing of others overwritten.
"""

from typing import Any, Protocol

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.challenges.both_texts import both_texts
from portal.challenges.editor import forms
from portal.challenges.editor.forms import FORMS, SectionForm
from portal.challenges.editor.written import Written
from portal.core.errors import Invalid, InvalidInput, NotFound, Overtaken
from portal.core.web import done
from portal.core.words import N_

Page = Response | str | tuple[str, int]


class Keeper(Protocol):
    """Who keeps a sheet that is written section by section."""

    def written(self) -> Written:
        """The sheet as it stands now. Raises NotFound, NotAllowed."""

    def write(self, key: str, changes: dict[str, Any], seen: int) -> None:
        """Change a section. Raises Overtaken, InvalidInput."""

    def saved(self, key: str) -> str:
        """When a section was saved last, and by whom, in words."""

    def shown(self, key: str, form: SectionForm, **more: Any) -> str:
        """The page of a section."""

    def onward(self, key: str, goes_on: bool) -> Response:
        """Where saving leads: to the same section, or to the next."""


def section(keeper: Keeper, key: str) -> Page:
    """One section, saved by its button."""
    form = _form(keeper, key)
    if form.added_row() or not form.validate_on_submit():
        return keeper.shown(key, form), 422 if form.errors else 200
    try:
        _write(keeper, key, form)
    except (Invalid, InvalidInput) as error:
        form.place(error)
        return keeper.shown(key, form), 422
    except Overtaken:
        return _overtaken(keeper, key, form)
    done(N_("Saved."))
    return keeper.onward(key, "next" in request.form)


def autosave(keeper: Keeper, key: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    form = _form(keeper, key)
    if not form.validate_on_submit():
        return {}, 422
    try:
        _write(keeper, key, form)
    except (Invalid, InvalidInput):
        return {}, 422
    except Overtaken:
        return {"why": gettext("Somebody else has changed this. Save to see both texts.")}, 409
    return {"revision": keeper.written().revision, "at": keeper.saved(key)}, 200


def _form(keeper: Keeper, key: str) -> SectionForm:
    written = keeper.written()
    if key not in FORMS:
        raise NotFound
    return forms.filled(key, written)


def _write(keeper: Keeper, key: str, form: SectionForm) -> None:
    keeper.write(key, form.changes(keeper.written()), form.seen.data)


def _overtaken(keeper: Keeper, key: str, form: SectionForm) -> Page:
    """What was typed stays; beside it stands what somebody else has saved meanwhile."""
    present = keeper.written()
    theirs = both_texts(form, forms.filled(key, present, anew=True))
    form.seen.raw_data, form.seen.data = None, present.revision
    return keeper.shown(key, form, theirs=theirs), 409
