"""One's second factor, the code after the password, and what administrators reset."""

from uuid import UUID

from flask import Blueprint, current_app, flash, make_response, render_template, request, session
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import views as accounts
from portal.accounts.factor import entering, policy, queries, resetting, rules, service
from portal.accounts.factor.forms import CodeForm, ConfirmForm, RecoveryForm, ResetForm
from portal.core import qr
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, arriving, done, now, public, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("factor", __name__)
Page = Response | str | tuple[str, int]
OVER = N_("The time for the code is over. Please sign in again.")


def _unkept(page: str, status: int = 200) -> Response:
    """A page that no browser and no proxy keeps: a secret may be on it."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.route("/sign-in/second-factor", methods=["GET", "POST"])
@public
def ask() -> Page:
    """After the password: the code."""
    token = session.get(accounts.WAITING, "")
    if queries.pending(db.session, token, now()) is None:
        return _over()
    by_recovery = request.args.get("by") == "recovery"
    form = RecoveryForm() if by_recovery else CodeForm()
    if form.validate_on_submit():
        lifetime, browser = accounts.lifetime(), accounts.browser()
        try:
            return accounts.enter(entering.enter(token, form.code.data, lifetime, browser, now()))
        except Invalid as error:
            form.place(error)
        except NotFound:
            return _over()
    page = render_template("accounts/factor/ask.html", form=form, by_recovery=by_recovery)
    return _unkept(page, 422 if form.errors else 200)


def _over() -> Response:
    if session.pop(accounts.WAITING, None):
        flash(gettext(OVER), "late")
    return see_other("accounts.sign_in", next=request.args.get("next"))


@pages.get("/account/second-factor")
@arriving
def mine() -> Page:
    """How one's second factor stands, and what can be changed about it."""
    return _own_page()


def _own_page(wrong: ConfirmForm | None = None, act: str = "") -> Response:
    """The page; `wrong` is the form of the act that was refused."""
    factor = queries.proven(db.session, actor().user_id)
    forms = {
        name: ConfirmForm(formdata=None).among(name) for name in ("propose", "codes", "remove")
    }
    if wrong is not None:
        forms[act] = wrong.among(act)
    page = render_template(
        "accounts/factor/mine.html",
        factor=factor,
        codes_left=queries.codes_left(db.session, factor) if factor else 0,
        must_set_up=current_user.must_set_up,
        may_remove=policy.may_remove(actor(), _is_required()),
        forms=forms,
    )
    return _unkept(page, 422 if wrong is not None else 200)


def _is_required() -> bool:
    return bool(current_app.config["SECOND_FACTOR_REQUIRED"])


@pages.post("/account/second-factor")
@arriving
def propose() -> Page:
    """Make a secret for one's app."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _own_page(form, "propose")
    try:
        service.propose(actor(), form.password.data, now())
    except Invalid as error:
        form.place(error)
        return _own_page(form, "propose")
    done(N_("The secret is made. Put it into your app, then type the code that the app shows."))
    return see_other("factor.proposed")


@pages.get("/account/second-factor/new")
@arriving
def proposed() -> Page:
    """The secret for one's app, and a field for its first code."""
    return _proposed_page(CodeForm(formdata=None))


def _proposed_page(form: CodeForm) -> Response:
    factor = queries.proposed(db.session, actor().user_id, now())
    if factor is None:
        return see_other("factor.mine")
    page = render_template(
        "accounts/factor/proposed.html",
        form=form,
        secret=rules.shown(factor.secret),
        picture=qr.path(qr.grid(rules.address(factor.secret, actor().email))),
    )
    return _unkept(page, 422 if form.errors else 200)


@pages.post("/account/second-factor/new")
@arriving
def prove() -> Page:
    """Show that the app has the secret; then the recovery codes are shown, this once."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _proposed_page(form)
    try:
        codes = service.prove(actor(), form.code.data, current_user.token, now())
    except Invalid as error:
        form.place(error)
        return _proposed_page(form)
    except NotFound:
        done(N_("This secret is no longer valid; begin again."))
        return see_other("factor.mine")
    return _codes_page(codes)


def _codes_page(codes: list[str]) -> Response:
    return _unkept(render_template("accounts/factor/codes.html", codes=codes))


@pages.post("/account/second-factor/recovery-codes")
@signed_in
def make_codes() -> Page:
    """New recovery codes, shown this once."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _own_page(form, "codes")
    try:
        return _codes_page(service.make_codes(actor(), form.password.data, now()))
    except Invalid as error:
        form.place(error)
        return _own_page(form, "codes")


@pages.post("/account/second-factor/remove")
@signed_in
def remove() -> Page:
    """Go without."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _own_page(form, "remove")
    try:
        service.remove(actor(), form.password.data, _is_required(), now())
    except Invalid as error:
        form.place(error)
        return _own_page(form, "remove")
    done(N_("Your second factor is removed."))
    return see_other("factor.mine")


@pages.route("/people/second-factors", methods=["GET", "POST"])
@signed_in
def resets() -> Page:
    """What waits for a second administrator, and asking for a reset."""
    policy.may_reset(actor()).enforce()
    form = ResetForm()
    if form.validate_on_submit() and form.takes(
        lambda: resetting.ask(actor(), form.email.data, form.reason.data, now())
    ):
        done(N_("Another administrator confirms it on this page."))
        return see_other("factor.resets")
    rows = [(row, policy.may_confirm(actor(), row)) for row in queries.resets(db.session)]
    page = render_template("accounts/factor/resets.html", form=form, rows=rows)
    return page, 422 if form.errors else 200


@pages.post("/people/second-factors/<uuid:reset_id>/confirm")
@signed_in
def confirm_reset(reset_id: UUID) -> Response:
    """Reset somebody's second factor, as the second administrator."""
    resetting.confirm(actor(), reset_id, now())
    done(N_("The second factor is reset, and the person is told."))
    return see_other("factor.resets")


@pages.post("/people/second-factors/<uuid:reset_id>/dismiss")
@signed_in
def dismiss_reset(reset_id: UUID) -> Response:
    """Let everything be as it was."""
    resetting.dismiss(actor(), reset_id, now())
    done(N_("Nothing was reset."))
    return see_other("factor.resets")
