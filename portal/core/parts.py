"""Pages made fast: catalogues are looked up once a request, parts and public pages rendered once.

A part of a page is a pure function of its values and the reader's language; so the values are its
key. A public page is one of the data: nothing changes without an entry in the log, so the count of
its entries tells whether a page that was rendered is still right.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, render_template, request, session
from flask_babel import get_locale, get_translations
from markupsafe import Markup
from sqlalchemy.orm import Session

from portal.core.db import db
from portal.core.web import visitor

KEPT = 512
"""What a process keeps of each kind; parts of 20 KB each are about 10 MB, pages are kept pressed."""
PRESS = 1
"""How hard a page is pressed: lightly, to less than a quarter; harder takes longer and gains little."""

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")
Moment = Callable[[Session], tuple[datetime, int]]
"""The portal's time, and how many entries the log has."""


class Kept(Generic[Value]):
    """The values that were asked for last."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """The value of this key, if it is still kept."""
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value, and let go of the one that was not asked for the longest."""
        with self._lock:
            self._known[key] = value
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)


def part(template: str, **values: Hashable) -> Markup:
    """A template rendered with hashable values, once for each set of them and each language."""
    kept: Kept[Markup] = current_app.extensions["portal_parts"]
    key = (template, str(get_locale()), *sorted(values.items()))
    found = kept.get(key)
    if found is None:
        found = Markup(render_template(template, **values))  # noqa: S704 - Jinja has escaped it
        kept.put(key, found)
    return found


def shared(view: Callable[Arguments, str]) -> Callable[Arguments, str | Response]:
    """Give all strangers the same page, as long as nothing new is in the log; a second at most,
    since the page shows the portal's time. Whoever has a session gets a page of their own."""

    @wraps(view)
    def once(*args: Arguments.args, **values: Arguments.kwargs) -> str | Response:
        if session or visitor() is not None or not current_app.config["SHARE_PAGES"]:
            return view(*args, **values)
        kept: Kept[tuple[object, bytes]] = current_app.extensions["portal_pages"]
        g.now, last = current_app.extensions["portal_moment"](db.session)
        state = g.now.replace(microsecond=0), last
        key = request.full_path, str(get_locale())
        found = kept.get(key)
        if found is not None and found[0] == state:
            return _pressed_answer(found[1])
        page = view(*args, **values)
        if session:  # a form's token, or a message, is for one reader
            return page
        pressed = gzip.compress(page.encode(), PRESS, mtime=0)
        kept.put(key, (state, pressed))
        return _pressed_answer(pressed)

    return once


def _pressed_answer(pressed: bytes) -> Response:
    """A page as its reader's browser takes it. Only what is the same for all strangers travels
    pressed: the length of a page with a secret in it could tell that (BREACH)."""
    answer = Response(pressed, mimetype="text/html")
    if request.accept_encodings.quality("gzip"):
        answer.content_encoding = "gzip"
    else:
        answer.set_data(gzip.decompress(pressed))
    answer.vary.add("Accept-Encoding")
    return answer


def _catalogue() -> Any:
    """The reader's catalogue: Flask-Babel looks for it anew at each of a page's 150 messages."""
    found = g.get("catalogue")
    if found is None:
        g.catalogue = found = get_translations()
    return found


def install(app: Flask, moment: Moment) -> None:
    """Give an app its kept parts and pages, and a gettext that is fast in templates."""
    app.config.setdefault("SHARE_PAGES", True)
    app.extensions["portal_parts"] = Kept()
    app.extensions["portal_pages"] = Kept()
    app.extensions["portal_moment"] = moment
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
