"""Pages made fast: the catalogue is looked up once a request, and parts are rendered once.

A part of a page is a pure function of its values and the reader's language; so the values are its
key, and nothing has to be told when they change.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any

from flask import Flask, current_app, g, render_template, request, session
from flask_babel import get_locale, get_translations
from markupsafe import Markup

from portal.core.web import now, visitor

KEPT = 512
"""Parts that a process keeps; of 20 KB each, about 10 MB."""

Key = tuple[Hashable, ...]


class Parts:
    """The parts that were rendered last."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._known: OrderedDict[Key, Markup] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Markup | None:
        """The part of this key, if it is still kept."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: Key, part: Markup) -> None:
        """Keep a part, and let go of the one that was not asked for the longest."""
        with self._lock:
            self._known[key] = part
            if len(self._known) > self._kept:
                self._known.popitem(last=False)


def part(template: str, **values: Hashable) -> Markup:
    """A template rendered with hashable values, once for each set of them and each language."""
    kept: Parts = current_app.extensions["portal_parts"]
    key = (template, str(get_locale()), *sorted(values.items()))
    found = kept.get(key)
    if found is None:
        found = Markup(render_template(template, **values))  # noqa: S704 - Jinja has escaped it
        kept.put(key, found)
    return found


def page(template: str, **values: Hashable) -> str:
    """A public page: for strangers, who all see the same, rendered once a second at most.

    Its values are its key, so that no reader ever sees older ones; only the moment shown on it is
    that of the second's first reader.
    """
    if session or visitor() is not None:
        return render_template(template, **values)
    second = now().replace(microsecond=0)
    return part(template, address=request.full_path, second=second, **values)


def _catalogue() -> Any:
    """The reader's catalogue: Flask-Babel looks for it anew at each of a page's 150 messages."""
    found = g.get("catalogue")
    if found is None:
        g.catalogue = found = get_translations()
    return found


def install(app: Flask) -> None:
    """Give an app its parts and a gettext that is fast in templates."""
    app.extensions["portal_parts"] = Parts()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
