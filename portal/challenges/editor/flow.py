"""One section, shown, saved by its button or by itself: the same for a draft and an amendment.

Whoever keeps the sheet says how it stands, how it is written and how its page looks; here is what
becomes of what was typed, so that nothing of it is lost and nothing of others overwritten.
"""

from typing import Any, Protocol, TypeVar

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.challenges.both_texts import both_texts
from portal.challenges.editor.forms import Sectioned
from portal.core.errors import Invalid, InvalidInput, Overtaken
from portal.core.web import done
from portal.core.words import N_

Page = Response | str | tuple[str, int]


F = TypeVar("F", bound=Sectioned)


class Keeper(Protocol[F]):
    """Who keeps what is written part by part, and saved by itself."""

    def form(self, key: str, anew: bool = False) -> F:
        """A section as it is stored, beneath what was typed unless it is made `anew`.

        Raises NotFound, NotAllowed.
        """

    def revision(self) -> int:
        """The edition of the whole as it stands now."""

    def write(self, key: str, form: F) -> None:
        """Change a section. Raises Overtaken, InvalidInput."""

    def saved(self, key: str) -> str:
        """When a section was saved last, and by whom, in words."""


class Shower(Keeper[F], Protocol[F]):
    """Who keeps a sheet whose sections have pages of their own."""

    def shown(self, key: str, form: F, **more: Any) -> str:
        """The page of a section."""

    def onward(self, key: str, goes_on: bool) -> Response:
        """Where saving leads: to the same section, or to the next."""


def section(keeper: Shower[F], key: str) -> Page:
    """One section, saved by its button."""
    form = keeper.form(key)
    if form.added_row() or not form.validate_on_submit():
        return keeper.shown(key, form), 422 if form.errors else 200
    try:
        keeper.write(key, form)
    except (Invalid, InvalidInput) as error:
        form.place(error)
        return keeper.shown(key, form), 422
    except Overtaken:
        return _overtaken(keeper, key, form)
    done(N_("Saved."))
    return keeper.onward(key, "next" in request.form)


def autosave(keeper: Keeper[F], key: str) -> tuple[dict[str, object], int]:
    """Save what is typed so far; the answer is for the page's script."""
    form = keeper.form(key)
    if not form.validate_on_submit():
        return {}, 422
    try:
        keeper.write(key, form)
    except (Invalid, InvalidInput):
        return {}, 422
    except Overtaken:
        return {"why": gettext("Somebody else has changed this. Save to see both texts.")}, 409
    return {"revision": keeper.revision(), "at": keeper.saved(key)}, 200


def _overtaken(keeper: Shower[F], key: str, form: F) -> Page:
    """What was typed stays; beside it stands what somebody else has saved meanwhile."""
    return keeper.shown(key, form, theirs=theirs(keeper, key, form)), 409


def theirs(keeper: Keeper[F], key: str, form: F) -> list[tuple[str, str, str]]:
    """Both texts of each field that differs; the next saving knows that they were seen."""
    found = both_texts(form, keeper.form(key, anew=True))
    form.seen.raw_data, form.seen.data = None, keeper.revision()
    return found
