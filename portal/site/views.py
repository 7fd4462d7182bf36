"""Pages over several features, and what operators ask."""

from flask import Blueprint, render_template
from sqlalchemy import text

from portal.core.db import db
from portal.core.web import limiter, public, signed_in

pages = Blueprint("site", __name__)


@pages.get("/")
@public
def home() -> str:
    """The front page."""
    return render_template("site/home.html")


@pages.get("/desk")
@signed_in
def desk() -> str:
    """What I have to do."""
    return render_template("site/desk.html")


@pages.get("/healthz")
@public
def alive() -> dict[str, str]:
    """This process answers."""
    return {"status": "alive"}


@pages.get("/readyz")
@public
def ready() -> tuple[dict[str, str], int]:
    """Database and broker answer as well."""
    db.session.execute(text("SELECT portal_now()"))
    broker = limiter.storage.check()
    return {"database": "ready", "broker": "ready" if broker else "away"}, 200 if broker else 503
