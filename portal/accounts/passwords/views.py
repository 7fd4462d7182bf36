"""The page on which one changes one's password."""

from flask import Blueprint, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts.passwords import service
from portal.accounts.passwords.forms import PasswordForm
from portal.core.errors import Invalid
from portal.core.web import actor, done, limiter, now, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("passwords", __name__)


@pages.route("/account/password", methods=["GET", "POST"])
@signed_in
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def change() -> Response | tuple[str, int]:
    """Ask for the old password and a new one."""
    form = PasswordForm()
    if form.validate_on_submit() and form.takes(lambda: _change(form)):
        done(N_("Your password is changed. Wherever else you were signed in you no longer are."))
        return see_other("accounts.sessions")
    page = render_template("accounts/password.html", form=form, email=actor().email)
    return page, 422 if form.errors else 200


def _change(form: PasswordForm) -> None:
    if form.new.data != form.again.data:
        raise Invalid("again", N_("This is not the same as the new password."))
    service.change(actor(), current_user.token, form.old.data, form.new.data, now())
