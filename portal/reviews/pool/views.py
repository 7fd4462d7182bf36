"""The page of the pool."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.reviews.pool import policy, queries, service
from portal.reviews.pool.forms import ReviewerForm
from portal.reviews.pool.service import ReviewerFacts

pages = Blueprint("pool", __name__)


@pages.route("/pool", methods=["GET", "POST"])
@signed_in
def register() -> ResponseReturnValue:
    """The register of experts, and a new one."""
    policy.may_read_pool(actor()).enforce()
    form = ReviewerForm()
    if form.validate_on_submit():
        try:
            service.enter_pool(actor(), _reviewer(form), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The expert is in the pool."))
            return see_other("pool.register")
    rows = queries.pool(db.session, request.args.get("after", "")[:254], 51)
    page = render_template("reviews/pool.html", form=form, rows=rows[:50], more=rows[50:])
    return page, 422 if form.errors else 200


def _reviewer(form: ReviewerForm) -> ReviewerFacts:
    words = tuple(form.disciplines.data.split())
    home = form.organisation.data
    return ReviewerFacts(form.email.data, home, form.stratum.data, form.title.data, words)
