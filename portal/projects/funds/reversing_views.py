"""Acts on wrong payments: propose a counter-entry, confirm it, drop it."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects import policy
from portal.projects.funds import queries, reversing
from portal.projects.funds.forms import DroppingForm, ReversalForm
from portal.projects.funds.screens import money_screen
from portal.projects.screens import project_or_404

pages = Blueprint("reversals", __name__)
Page = Response | tuple[str, int]


@pages.post("/payments/<uuid:payment_id>/reverse")
@signed_in
def propose(payment_id: UUID) -> Page:
    """Propose to take a payment back."""
    project = project_or_404(queries.code_by_payment(db.session, payment_id))
    policy.may_manage(actor(), project).enforce()
    form = ReversalForm().among(payment_id)
    if form.validate_on_submit():
        reversing.propose(actor(), payment_id, form.reason.data, now())
        done(N_("The counter-entry is proposed; another officer has to confirm it."))
        return see_other("funds.money", code=project.code)
    return money_screen(project, wrong={payment_id: form})


@pages.post("/reversals/<uuid:reversal_id>/confirm")
@signed_in
def confirm(reversal_id: UUID) -> Response:
    """Enter a counter-entry that another proposed."""
    project = project_or_404(queries.code_by_reversal(db.session, reversal_id))
    reversing.confirm(actor(), reversal_id, now())
    done(N_("The payment is taken back. Record the right one."))
    return see_other("funds.money", code=project.code)


@pages.post("/reversals/<uuid:reversal_id>/drop")
@signed_in
def drop(reversal_id: UUID) -> Page:
    """Leave the payment as it is."""
    project = project_or_404(queries.code_by_reversal(db.session, reversal_id))
    policy.may_manage(actor(), project).enforce()
    form = DroppingForm().among(reversal_id)
    if form.validate_on_submit():
        reversing.drop(actor(), reversal_id, form.answer.data, now())
        done(N_("The payment stays as it is."))
        return see_other("funds.money", code=project.code)
    return money_screen(project, dropping={reversal_id: form})
