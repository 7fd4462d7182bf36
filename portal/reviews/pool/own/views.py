"""An expert's own page in the pool."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.pool import history, policy, queries, screens, service
from portal.reviews.pool.forms import ExpertiseForm, ReasonForm, said_by
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState
from portal.reviews.pool.views import particulars_page

pages = Blueprint("expertise", __name__)
pages.context_processor(screens.values)


def _own() -> Reviewer:
    found = queries.of_person(db.session, actor().user_id)
    if found is None:
        raise NotFound
    return found


@pages.route("/expertise", methods=["GET", "POST"])
@signed_in
def own() -> ResponseReturnValue:
    """What the pool says of me; who is not in it asks to be taken."""
    policy.may_propose_oneself(actor()).enforce()
    found = queries.of_person(db.session, actor().user_id)
    if found is None or found.state is PoolState.REMOVED:
        return _ask(found)
    return _own_page(found, ReasonForm()), 200


def _own_page(found: Reviewer, form: ReasonForm) -> str:
    return render_template(
        "reviews/pool/own.html",
        expert=found,
        history=history.histories(db.session, [found.id])[found.id],
        open_sheets=history.open_sheets(db.session, [found.id]).get(found.id, 0),
        form=form,
    )


def _ask(found: Reviewer | None) -> ResponseReturnValue:
    known = said_by(found) if found else {"organisation": actor().organisation_name}
    form = ExpertiseForm(data=known)
    if form.validate_on_submit() and form.takes(
        lambda: service.propose_oneself(actor(), form.organisation.data, form.expertise, now())
    ):
        done(N_("An officer approves your entry. Please add former employers, too."))
        return see_other("expertise.edit")
    page = render_template("reviews/pool/ask.html", form=form, expert=found)
    return page, 422 if form.errors else 200


@pages.route("/expertise/edit", methods=["GET", "POST"])
@signed_in
def edit() -> ResponseReturnValue:
    """Change what the pool says of me."""
    found = _own()
    policy.may_edit(actor(), found).enforce()
    return particulars_page(found, url_for("expertise.own"), title=gettext("My expertise"))


@pages.post("/expertise/rest")
@signed_in
def rest() -> ResponseReturnValue:
    """Be drawn no more for a time."""
    found, form = _own(), ReasonForm()
    if not form.validate_on_submit():
        return _own_page(found, form), 422
    service.rest(actor(), found.id, form.reason.data, now())
    done(N_("You are not drawn until you return."))
    return see_other("expertise.own")


@pages.post("/expertise/return")
@signed_in
def come_back() -> ResponseReturnValue:
    """Be drawn again."""
    service.come_back(actor(), _own().id, now())
    done(N_("You can be drawn again."))
    return see_other("expertise.own")
