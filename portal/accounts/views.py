"""Pages for signing in and out, one's sessions, and the register."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, session
from flask import Response as BaseResponse
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal.accounts import mail_wishes, policy, queries, service
from portal.accounts.demonstrated import queries as demonstrated
from portal.accounts.factor.rules import needs_factor
from portal.accounts.forms import (
    MailForm,
    OrganisationForm,
    PersonForm,
    RegistrationForm,
    SignInForm,
)
from portal.accounts.mail_wishes import MailWish
from portal.accounts.rules import Language, browser_named
from portal.accounts.service import Browser, OrganisationFacts, PersonFacts
from portal.core.access import Actor
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, arriving, done, limiter, now, public, see_other, signed_in
from portal.core.words import N_

pages = Blueprint("accounts", __name__)
login_manager = LoginManager()
login_manager.session_protection = None  # the session is a row, not the cookie's claim
WAITING = "waiting"
"""Where the cookie has the token of a sign-in that waits for its second factor."""


class SignedIn(UserMixin):
    """The signed-in person for Flask-Login; its id is the session's token.

    Whoever has yet to set up the second factor that their role needs acts in no role until then.
    """

    def __init__(self, actor: Actor, token: str, must_set_up: bool = False) -> None:
        self.actor = replace(actor, memberships=()) if must_set_up else actor
        self.token = token
        self.must_set_up = must_set_up

    def get_id(self) -> str:
        """The token that the cookie carries, signed."""
        return self.token


@login_manager.user_loader
def load(token: str) -> SignedIn | None:
    """Who this cookie's token signs in, if its session still holds."""
    found = queries.signed_in_by(db.session, token)
    if found is None:
        return None
    person, factor_at = found
    required = current_app.config["SECOND_FACTOR_REQUIRED"] and factor_at is None
    return SignedIn(person, token, required and needs_factor(m.role for m in person.memberships))


def safe_target(target: str | None) -> str:
    """A path within the portal, or the home page: never another site."""
    parts = urlsplit(target or "/")
    inside = not parts.scheme and not parts.netloc and (target or "/").startswith("/")
    return target if inside and target and not target.startswith(("//", "/\\")) else "/"


def _account() -> str:
    return request.form.get("email", "").strip().lower()


def _failed(response: BaseResponse) -> bool:
    """Only failed tries are counted: a whole office may sign in from one address."""
    return response.status_code != 303


@pages.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit("10 per minute; 60 per hour", methods=["POST"], deduct_when=_failed)
@limiter.limit("20 per hour", methods=["POST"], key_func=_account, deduct_when=_failed)
def sign_in() -> Response | str | tuple[str, int]:
    """Ask for address and password; start a session."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422 if form.errors else 200
    try:
        entrance = service.sign_in(
            form.email.data, form.password.data, lifetime(), browser(), now()
        )
    except Invalid as error:
        form.place(error)
        return _sign_in_page(form), 422
    if current_user.is_authenticated:  # one browser, one session: the one before ends here
        service.sign_out(actor(), current_user.token, now())
    if entrance.waits:
        session.clear()
        session[WAITING] = entrance.token
        return see_other("factor.ask", next=request.args.get("next"))
    return enter(entrance.token)


def _sign_in_page(form: SignInForm) -> str:
    is_demo = current_app.extensions["portal_settings"].is_demo
    people = demonstrated.offered(db.session) if is_demo else {}
    return render_template("accounts/sign_in.html", form=form, demonstrated=people)


def lifetime() -> timedelta:
    """How long a session holds."""
    return timedelta(hours=current_app.config["SESSION_HOURS"])


def browser() -> Browser:
    """From where the request comes, and with what."""
    return Browser(request.remote_addr or "", request.user_agent.string)


def enter(token: str) -> Response:
    """Begin with a fresh cookie: nothing from before the sign-in is kept."""
    session.clear()
    user = load(token)
    login_user(user)
    return redirect(safe_target(request.args.get("next") or "/desk"), code=303)


@pages.post("/sign-out")
@arriving
def sign_out() -> Response:
    """End this session."""
    service.sign_out(actor(), current_user.token, now())
    logout_user()
    session.clear()
    done(N_("You are signed out."))
    answer = redirect("/", code=303)
    answer.headers["Clear-Site-Data"] = (
        '"cache"'  # "back" does not show the next person these pages
    )
    return answer


@pages.get("/account/sessions")
@signed_in
def sessions() -> str:
    """Where one is signed in."""
    rows = queries.live_sessions(db.session, actor().user_id, now())
    own = queries.token_digest(current_user.token)
    return render_template("accounts/sessions.html", rows=rows, own=own, named=browser_named)


@pages.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    """End one of one's sessions."""
    service.end_session(actor(), session_id, now())
    done(N_("The session was ended."))
    return see_other("accounts.sessions")


@pages.route("/account/mail", methods=["GET", "POST"])
@signed_in
def mail() -> Response | str | tuple[str, int]:
    """Whether one wants mail, and in which language."""
    wish = mail_wishes.wish_of(db.session, actor(), current_app.config["DEFAULT_LOCALE"])
    form = MailForm(data={"wants_mail": wish.wants_mail, "language": wish.language})
    if form.validate_on_submit():
        asked = MailWish(form.wants_mail.data, form.language.data)
        mail_wishes.choose(actor(), asked)
        done(N_("Saved."))
        return see_other("accounts.mail")
    page = render_template("accounts/mail.html", form=form, address=actor().email)
    return page, 422 if form.errors else 200


@pages.post("/account/language")
@arriving
def language() -> Response:
    """Choose the language of all pages, and go back to where one was."""
    chosen = request.form.get("language", "")
    if chosen in tuple(Language):
        mail_wishes.choose_language(actor(), Language(chosen))
    return redirect(safe_target(request.form.get("back")), code=303)


@pages.route("/register", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
def register() -> Response | str | tuple[str, int]:
    """A company signs itself up."""
    form = RegistrationForm()
    if form.validate_on_submit():
        person = PersonFacts(form.name.data, form.email.data, form.password.data)
        try:
            service.register_organisation(form.organisation_facts(), person, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The organisation is registered. Sign in to see what is open."))
            return see_other("accounts.sign_in")
    return render_template("accounts/register.html", form=form), 422 if form.errors else 200


@pages.route("/organisations", methods=["GET", "POST"])
@signed_in
def organisations() -> Response | str | tuple[str, int]:
    """The register of organisations, and a new one."""
    policy.may_administer(actor()).enforce()
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            added = service.add_organisation(actor(), _organisation_facts(form), now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("%(name)s is registered."), name=added.name)
            return see_other("accounts.organisations")
    rows = queries.organisations(db.session, request.args.get("after", ""), 51)
    page = render_template("accounts/organisations.html", form=form, rows=rows[:50], more=rows[50:])
    return page, 422 if form.errors else 200


def _organisation_facts(form: OrganisationForm) -> OrganisationFacts:
    return OrganisationFacts(
        form.name.data,
        form.kind.data,
        form.uscc.data or None,
        form.name_en.data,
        form.level.data,
        form.district.data or None,
        form.uscc_override.data,
        form.foreign_share.data,
        form.controlled_by.data,
    )


@pages.route("/people", methods=["GET", "POST"])
@signed_in
def people() -> Response | str | tuple[str, int]:
    """People and their roles, and a new person."""
    policy.may_administer(actor()).enforce()
    form = PersonForm()
    if form.validate_on_submit():
        facts = PersonFacts(form.name.data, form.email.data, form.password.data)
        try:
            added = service.add_person(
                actor(), facts, form.organisation.data, [form.roles.data], now()
            )
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("%(name)s can sign in now."), name=added.name)
            return see_other("accounts.people")
    rows = queries.people(db.session, request.args.get("after", ""), 51)
    page = render_template("accounts/people.html", form=form, rows=rows[:50], more=rows[50:])
    return page, 422 if form.errors else 200
