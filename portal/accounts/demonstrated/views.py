"""The way in without a password; app.py installs it in a demonstration alone."""

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import service as accounts
from portal.accounts.demonstrated import service
from portal.accounts.views import browser, enter, lifetime
from portal.core.web import actor, now, public

pages = Blueprint("demonstrated", __name__)


@pages.post("/demonstration/sign-in")
@public
def enter_as() -> Response:
    """Sign in as one of the people whom the sign-in page offers."""
    token = service.enter_as(request.form.get("person", ""), lifetime(), browser(), now())
    if current_user.is_authenticated:  # one browser, one session: the one before ends here
        accounts.sign_out(actor(), current_user.token, now())
    return enter(token)
