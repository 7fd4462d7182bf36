"""What an error looks like: one page with a way on; a plain one where the database may be away."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, render_template, request
from flask_babel import gettext
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from portal.core import errors
from portal.core.db import db, is_full
from portal.core.web import access_of, came_from, store, to_sign_in, translated, visitor
from portal.core.words import N_

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]
STATUS = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.IllegalMove: 409,
    errors.TooEarly: 409,
    errors.DeadlinePassed: 409,
    errors.Overtaken: 409,
    errors.Invalid: 422,
    errors.InvalidInput: 422,
    errors.NoRoom: 507,
}
HTTP_WORDS = {
    400: N_("The request could not be understood."),
    403: N_("This is not open to you."),
    404: N_("This page does not exist, or is not open to you."),
    405: N_("This page cannot be used in that way."),
    413: N_("What you sent is too large: a file may have %(limit)s MB at most."),
    429: N_("Too many tries. Please wait a few minutes."),
}
AWAY_SECONDS = {"away": 60, "maintenance": 600}
"""After what time whoever was told that the portal is away may ask again."""
UNTOUCHED = frozenset({"site.alive", "site.ready", "site.metrics"})
"""What operators ask while everybody else is told to come back later."""


def error_page(code: int, text: str) -> tuple[str, int]:
    """One look for every error, with a way on."""
    return render_template("site/error.html", code=code, text=text, back=way_back()), code


def plain_page(name: str, code: int, **values: object) -> Answer:
    """A page in both languages that asks neither the database nor the session for anything."""
    again = request.full_path.rstrip("?") if request.method == "GET" else None
    template = current_app.jinja_env.get_template(f"site/{name}.html")
    page = template.render(again=again, back=way_back(), **values)
    wait = AWAY_SECONDS.get(name)
    return (page, code, {"Retry-After": str(wait)}) if wait else (page, code)


def way_back() -> str | None:
    """The page of this site from which somebody comes, if it is another one, or the one whose form
    was refused."""
    path = came_from()
    is_same = request.method == "GET" and path == request.full_path.rstrip("?")
    return None if is_same else path


def tell(error: errors.DomainError) -> None:
    """Have everybody who listens learn of a refusal, also of one that has a page of its own."""
    for listener in current_app.extensions["portal_on_error"]:
        listener(error)


def _domain_error(error: errors.DomainError) -> Answer:
    tell(error)
    db.session.rollback()
    return error_page(STATUS.get(type(error), 400), translated(error.message))


def _http_error(error: HTTPException) -> Answer | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    if code >= 500:
        return _crash(error)
    words = gettext(HTTP_WORDS.get(code, HTTP_WORDS[400]))
    answer = error_page(code, words % {"limit": store().limit >> 20})
    if isinstance(error, RateLimitExceeded) and error.limit:
        return *answer, {"Retry-After": str(error.limit.limit.get_expiry())}
    return answer


def _csrf_error(error: CSRFError) -> Answer | AnyResponse:
    access = access_of(current_app.view_functions.get(request.endpoint or ""))
    if visitor() is None and access in ("signed_in", "arriving"):
        return to_sign_in()  # the session ended, and its token with it
    return error_page(
        400, gettext("The page was open too long. Go back, reload it, and send it again.")
    )


def _crash(error: Exception) -> Answer:
    current_app.logger.exception("unexpected error")
    if is_full(error):
        return _domain_error(errors.NoRoom())
    db.session.rollback()
    return plain_page("broken", 500)


def _is_away(error: Exception) -> bool:
    """Whether the database could not be reached, or was lost on the way."""
    if isinstance(error, OperationalError):
        return error.statement is None or error.connection_invalidated
    return isinstance(error, NoConnection)


def _or_away(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A handler whose page needs the database, with an answer for when that is away."""

    def answer(error: Exception) -> Any:
        try:
            if _is_away(error):
                raise error  # a page would only wait for one again
            return handler(error)
        except (OperationalError, NoConnection):
            current_app.logger.exception("the database does not answer")
            return plain_page("away", 503)

    return answer


def _come_back_later() -> Answer | None:
    """While the portal is being worked on: the same for everybody, but for who looks after it."""
    if request.endpoint in UNTOUCHED:
        return None
    return plain_page("maintenance", 503, until=current_app.config["MAINTENANCE"])


def close_for_maintenance(app: Flask) -> None:
    """Tell everybody to come back later; to be installed before anything that asks the database."""
    app.before_request(_come_back_later)


def install(app: Flask) -> None:
    """Give an app its answer to every error."""
    app.extensions["portal_on_error"] = []
    app.register_error_handler(errors.DomainError, _or_away(_domain_error))
    app.register_error_handler(CSRFError, _or_away(_csrf_error))
    app.register_error_handler(HTTPException, _or_away(_http_error))
    app.register_error_handler(Exception, _or_away(_crash))
