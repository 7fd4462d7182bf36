"""The pages of the pool for officers."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.core.access import Actor, Decision
from portal.core.db import db
from portal.core.errors import Invalid, InvalidInput
from portal.core.web import actor, cursor, done, now, place_of, see_other, signed_in
from portal.core.words import N_
from portal.reviews.pool import finding, history, particulars, policy, queries, screens, service
from portal.reviews.pool.finding import Load
from portal.reviews.pool.forms import ParticularsForm, ProposalForm, ReasonForm, said_by
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState, Stratum

pages = Blueprint("pool", __name__)
pages.context_processor(screens.values)


@pages.get("/pool")
@signed_in
def register() -> str:
    """The register of experts."""
    policy.may_read_pool(actor()).enforce()
    asked = finding.filters(request.args)
    rows = finding.page(db.session, asked, cursor("before"))
    shown, more = rows[: finding.PAGE], rows[finding.PAGE :]
    last = place_of(shown[-1].entered_at, shown[-1].id) if more else None
    return render_template(
        "reviews/pool/list.html",
        rows=shown,
        older=url_for("pool.register", **asked.asked, before=last) if last else None,
        asked=asked,
        total=finding.number(db.session, asked),
        loads=history.open_sheets(db.session, [row.id for row in shown]),
        choices={"stratum": Stratum, "state": PoolState, "load": Load},
        may_propose=policy.may_propose(actor()),
    )


@pages.route("/pool/new", methods=["GET", "POST"])
@signed_in
def propose() -> ResponseReturnValue:
    """Propose an expert."""
    policy.may_propose(actor()).enforce()
    form = ProposalForm()
    if form.validate_on_submit():
        try:
            home = form.organisation.data
            made = service.propose(actor(), form.email.data, home, form.expertise, now())
        except (Invalid, InvalidInput) as error:
            form.place(error)
        else:
            done(N_("The expert is proposed. Another officer approves the entry."))
            return see_other("pool.expert", reviewer_id=made.id)
    page = render_template("reviews/pool/new.html", form=form)
    return page, 422 if form.errors else 200


@pages.get("/pool/<uuid:reviewer_id>")
@signed_in
def expert(reviewer_id: UUID) -> str:
    """One expert."""
    return _expert_page(reviewer_id, ReasonForm())


def _expert_page(reviewer_id: UUID, form: ReasonForm) -> str:
    policy.may_read_pool(actor()).enforce()
    found = queries.reviewer(db.session, reviewer_id)
    return render_template(
        "reviews/pool/expert.html",
        expert=found,
        history=history.histories(db.session, [found.id])[found.id],
        open_sheets=history.open_sheets(db.session, [found.id]).get(found.id, 0),
        form=form,
        policy=policy,
    )


@pages.route("/pool/<uuid:reviewer_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(reviewer_id: UUID) -> ResponseReturnValue:
    """Change what an entry says."""
    policy.may_propose(actor()).enforce()
    found = queries.reviewer(db.session, reviewer_id)
    policy.may_edit(actor(), found).enforce()
    back = url_for("pool.expert", reviewer_id=reviewer_id)
    return particulars_page(found, back, title=found.person.name)


def particulars_page(found: Reviewer, back: str, title: str) -> ResponseReturnValue:
    """The form of an entry, shown or sent."""
    form = ParticularsForm(data=said_by(found))
    if form.is_submitted() and not form.added_row() and form.validate():
        try:
            particulars.change(actor(), found.id, form.particulars, now())
        except (Invalid, InvalidInput) as error:
            db.session.refresh(found)
            form.place(error)
        else:
            done(N_("Saved."))
            return redirect(back, code=303)
    by_officer = bool(policy.may_propose(actor()))
    page = render_template(
        "reviews/pool/edit.html", form=form, back=back, title=title, by_officer=by_officer
    )
    return page, 422 if form.errors else 200


@pages.post("/pool/<uuid:reviewer_id>/approve")
@signed_in
def approve(reviewer_id: UUID) -> ResponseReturnValue:
    """Let a proposed expert be drawn."""
    service.approve(actor(), reviewer_id, now())
    done(N_("The expert is in the pool."))
    return see_other("pool.expert", reviewer_id=reviewer_id)


@pages.post("/pool/<uuid:reviewer_id>/rest")
@signed_in
def rest(reviewer_id: UUID) -> ResponseReturnValue:
    """Draw an expert no more for a time."""
    told = N_("The expert is not drawn until they return.")
    return _with_reason(policy.may_rest, service.rest, reviewer_id, told)


@pages.post("/pool/<uuid:reviewer_id>/return")
@signed_in
def come_back(reviewer_id: UUID) -> ResponseReturnValue:
    """Let an expert be drawn again."""
    service.come_back(actor(), reviewer_id, now())
    done(N_("The expert can be drawn again."))
    return see_other("pool.expert", reviewer_id=reviewer_id)


@pages.post("/pool/<uuid:reviewer_id>/remove")
@signed_in
def remove(reviewer_id: UUID) -> ResponseReturnValue:
    """Take an expert out, or refuse a proposal."""
    told = N_("The expert is not in the pool any more.")
    return _with_reason(policy.may_remove, service.remove, reviewer_id, told)


def _with_reason(
    may: Callable[[Actor, Reviewer], Decision],
    act: Callable[..., Reviewer],
    reviewer_id: UUID,
    said: str,
) -> ResponseReturnValue:
    policy.may_read_pool(actor()).enforce()
    may(actor(), queries.reviewer(db.session, reviewer_id)).enforce()
    form = ReasonForm()
    if not form.validate_on_submit():
        return _expert_page(reviewer_id, form), 422
    act(actor(), reviewer_id, form.reason.data, now())
    done(said)
    return see_other("pool.expert", reviewer_id=reviewer_id)
