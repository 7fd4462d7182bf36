"""The page behind the link by which one takes over an account that was made for one."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from portal.accounts.claims import service
from portal.accounts.claims.forms import ClaimForm
from portal.accounts.models import Person
from portal.core import links
from portal.core.db import db
from portal.core.web import done, limiter, now, public, see_other
from portal.core.words import N_

pages = Blueprint("claims", __name__)


def _person(token: str) -> Person:
    key = links.key_in(str(current_app.secret_key), service.PURPOSE, token)
    return service.unclaimed(db.session, key)


@pages.route("/welcome/<token>", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
def claim(token: str) -> ResponseReturnValue:
    """Choose a password."""
    person, form = _person(token), ClaimForm()
    if form.validate_on_submit() and form.takes(
        lambda: service.claim(person.id, form.password.data, now())
    ):
        done(N_("The account is yours. Please sign in."))
        return see_other("accounts.sign_in", next="/desk")
    page = render_template("accounts/claim.html", form=form, person=person)
    return page, 422 if form.errors else 200
