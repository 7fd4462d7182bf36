"""HTTP for every feature: who may reach a page, what time it is, in which language it answers."""

import hashlib
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    request,
    url_for,
)
from flask_babel import get_locale, gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from portal.core import clock, errors
from portal.core.access import Actor
from portal.core.arrivals import waited
from portal.core.db import db
from portal.core.files import FileStore, StoredFile, contents
from portal.core.money import wan
from portal.core.signing import Signer
from portal.core.titles import read, title_of
from portal.core.words import Message, Title, Worded
from portal.core.workdays import PLACE

View = TypeVar("View", bound=Callable[..., Any])
Cursor = tuple[datetime, UUID]
LOCALES = {"zh": "中文", "en": "English"}
limiter = Limiter(key_func=get_remote_address)


def public(view: View) -> View:
    """Mark a page that everybody may open."""
    return _marked(view, "public")


def signed_in(view: View) -> View:
    """Mark a page that needs a signed-in person; policies decide the rest."""
    return _marked(view, "signed_in")


def arriving(view: View) -> View:
    """Mark a page for a signed-in person, even one who has yet to set up a second factor."""
    return _marked(view, "arriving")


def _marked(view: View, access: str) -> View:
    vars(view)["access"] = access
    return view


def access_of(view: Callable[..., Any] | None) -> str | None:
    """How an endpoint is marked; None when it is not, and then nobody reaches it."""
    access: str | None = getattr(view, "access", None)
    return access


def actor() -> Actor:
    """The signed-in person. Raises NotAllowed when nobody is."""
    if not current_user.is_authenticated:
        raise errors.NotAllowed("Please sign in first.")
    return cast(Actor, current_user.actor)


def visitor() -> Actor | None:
    """The signed-in person, or None."""
    return cast(Actor, current_user.actor) if current_user.is_authenticated else None


def now() -> datetime:
    """The portal's time, read once a request."""
    if "now" not in g:
        g.now = stamp()
    return cast(datetime, g.now)


def stamp() -> datetime:
    """The portal's time at this very moment: for what must be stamped after the body is in."""
    return clock.now(db.session)


def arrival() -> datetime:
    """The portal's time when the whole request was in, however long it has waited for its turn since.

    This process only counts the seconds of the wait, before it asks the database for the time: so
    it is never earlier than it was.
    """
    db.session.connection()
    ago = time.monotonic() - g.complete_at
    return stamp() - timedelta(seconds=ago)


def store() -> FileStore:
    """Where uploads are kept."""
    return cast(FileStore, current_app.extensions["portal_files"])


def signer() -> Signer:
    """The key that signs the log and receipts."""
    return cast(Signer, current_app.extensions["portal_signer"])


def cursor(name: str) -> Cursor | None:
    """The place in a list from which to go on, out of the address; nonsense counts as none."""
    moment, _, key = request.args.get(name, "").partition("|")
    try:
        place = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        return None
    return place if place[0].tzinfo else None


def place_of(moment: datetime, key: UUID) -> str:
    """A row's place in its list, for the address that goes on from there."""
    return f"{moment.isoformat()}|{key}"


def see_other(endpoint: str, **values: Any) -> AnyResponse:
    """The answer to a POST: look there (303)."""
    return redirect(url_for(endpoint, **values), code=303)


def done(text: str, **parameters: object) -> None:
    """Say what an act did, in the reader's language."""
    flash(gettext(text) % parameters if parameters else gettext(text), "done")


def send_stored(stored: StoredFile) -> Response:
    """A kept file as a download; PDF and pictures may open in the browser, but never run.

    Raises NotFound for one that the portal cannot read.
    """
    facts, kept = stored.facts, store()
    if stored.sealed:
        raise errors.NotFound
    if not kept.has(stored.sha256):
        raise FileNotFoundError(stored.sha256)
    response = download(contents(kept, stored), facts.media_type, facts.name)
    response.headers["Content-Length"] = str(facts.size)
    return response


def download(content: bytes | Iterable[bytes], media_type: str, name: str) -> Response:
    """What a browser saves under a name of any language (RFC 6266), for this reader alone.

    A head is ASCII: a server refuses any other, and the page would be an error.
    """
    response = Response(content, mimetype=media_type)
    plain = name if name.isascii() else f"file{Path(name).suffix}"
    plain = plain.encode("ascii", "ignore").decode()
    names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **names)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def translated(message: Message) -> str:
    """A message in the reader's language; words and titles in it as well."""
    values = {key: _spoken(value) for key, value in message.parameters.items()}
    text: str = gettext(message.text)
    return text % values if values else text


def _spoken(value: object) -> object:
    if isinstance(value, Worded):
        return gettext(value.label)
    return read(value) if isinstance(value, Title) else value


def locale_code() -> str:
    """The reader's language: the account's, asked for, remembered, the browser's, the default."""
    person = visitor()
    wishes = (
        person.locale if person else None,
        request.args.get("lang"),
        request.cookies.get("lang"),
    )
    for wish in wishes:
        if wish and wish[:2] in LOCALES:
            return wish[:2]
    spoken = [tag[:2].lower() for tag, quality in request.accept_languages if quality]
    default = str(current_app.config["DEFAULT_LOCALE"])[:2]
    return next((code for code in spoken if code in LOCALES), default)


def lang_url(code: str | None = None) -> str:
    """The present page in another language; the front page when the address takes no GET."""
    rule = request.url_rule
    here = rule is not None and "GET" in (rule.methods or ())
    kept = {key: value for key, value in request.args.items() if key != "lang"} if here else {}
    path = quote(request.path) if here else "/"
    asked = {**kept, "lang": code} if code else kept
    return f"{path}?{urlencode(asked)}" if asked else path


@lru_cache(maxsize=256)
def _version(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=256)
def _asset(folder: str, path: str) -> str:
    return f"/static/{path}?v={_version(f'{folder}/{path}')}"


def asset(path: str) -> str:
    """The address of a static file, with a version that changes with its content."""
    made = current_app.extensions["portal_assets"]
    return _asset(str(made if (made / path).exists() else current_app.static_folder), path)


def _money(amount: Decimal | str | None) -> str:
    return "—" if amount is None else f"{wan(Decimal(amount)):,.2f}"


def _amount(amount: Decimal | str) -> tuple[str, str]:
    """An amount of yuan as its reader expects it: in 万元, or in English in yuan."""
    if str(get_locale())[:2] == "en":
        return f"{Decimal(amount):,.2f}".removesuffix(".00"), gettext("yuan")
    return _money(amount), gettext("10,000 yuan")


def _number(value: Decimal | None) -> str:
    if value is None:
        return "—"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _when(moment: datetime | None) -> str:
    return moment.astimezone(PLACE).strftime("%Y-%m-%d %H:%M") if moment else "—"


def _seconds(moment: datetime | None) -> str:
    return moment.astimezone(PLACE).strftime("%Y-%m-%d %H:%M:%S") if moment else "—"


def _instant(moment: datetime) -> str:
    return moment.astimezone(PLACE).isoformat(" ", "milliseconds").partition("+")[0]


def _day(moment: datetime | None) -> str:
    return moment.astimezone(PLACE).strftime("%Y-%m-%d") if moment else "—"


def _clock(moment: datetime | None) -> str:
    return moment.astimezone(PLACE).strftime("%H:%M") if moment else "—"


FILTERS: dict[str, Callable[..., Any]] = {
    "money": _money,
    "amount": _amount,
    "number": _number,
    "when": _when,
    "seconds": _seconds,
    "instant": _instant,
    "day": _day,
    "clock": _clock,
    "words": lambda member: gettext(member.label),
    "titled": title_of,
    "message": translated,
}


def _take_in() -> None:
    """Read the whole of the request before anything else, and note when its last byte came."""
    bool(request.form)  # it is read when it is first asked for
    g.complete_at = time.monotonic() - waited(request.environ.get("gunicorn.socket"))


def _guard() -> AnyResponse | None:
    """Refuse what is not marked; send strangers to the sign-in page."""
    if any("\x00" in part for part in (request.path, *request.args.values())):
        raise errors.NotFound  # the database keeps no NUL, so nothing can have such a name
    if request.endpoint is None:
        return None
    access = access_of(current_app.view_functions.get(request.endpoint))
    if access == "public":
        return None
    if access not in ("signed_in", "arriving"):
        raise errors.NotAllowed("This page is not open to anybody.")
    if current_user.is_authenticated:
        arrived = access == "arriving" or not current_user.must_set_up
        return None if arrived else see_other("factor.mine")
    return to_sign_in()


def to_sign_in() -> AnyResponse:
    """There, and from there back: to the page, or to the one whose form was sent too late."""
    target = request.full_path.rstrip("?") if request.method == "GET" else came_from() or "/"
    return redirect(url_for("accounts.sign_in", next=target))


def came_from() -> str | None:
    """The page of this site from which somebody comes."""
    came = urlsplit(request.referrer or "")
    path = came.path + (f"?{came.query}" if came.query else "")
    is_ours = came.netloc == request.host and path.startswith("/") and not path.startswith("//")
    return path if is_ours else None


def _remember_language(response: Response) -> Response:
    asked = request.args.get("lang", "")[:2]
    if asked in LOCALES:
        response.set_cookie("lang", asked, max_age=31536000, samesite="Lax", httponly=True)
    return response


def _page_values() -> dict[str, Any]:
    return {"actor": visitor(), "current_locale": str(get_locale() or "zh"), "now": now()}


def take_in_first(app: Flask) -> None:
    """Have every request read before anybody looks at it; to be installed before all else."""
    app.before_request(_take_in)


def install(app: Flask) -> None:
    """Give an app the guard, the filters and the values that every page has."""
    app.before_request(_guard)
    app.after_request(_remember_language)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(asset=asset, lang_url=lang_url)
    app.context_processor(_page_values)
