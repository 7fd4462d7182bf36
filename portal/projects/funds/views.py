"""Pages of money."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Invalid
from portal.core.web import actor, done, now, see_other, signed_in
from portal.core.words import N_
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.funds import queries, service
from portal.projects.funds.forms import OwnMoneyForm, VoucherForm
from portal.projects.screens import project_or_404, project_screen

pages = Blueprint("funds", __name__)
Page = Response | tuple[str, int]


@pages.post("/tranches/<uuid:tranche_id>/pay")
@signed_in
def pay(tranche_id: UUID) -> Page:
    """Record the payment of a tranche."""
    project = project_or_404(queries.code_by_tranche(db.session, tranche_id))
    policy.may_manage(actor(), project).enforce()
    form = VoucherForm().among(tranche_id)
    if form.validate_on_submit():
        try:
            service.pay_tranche(actor(), tranche_id, form.voucher.data, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The payment is recorded."))
            return see_other("projects.shown", code=project.code)
    return project_screen(project, vouchers={tranche_id: form})


@pages.post("/projects/<uuid:project_id>/own-money")
@signed_in
def own_money(project_id: UUID) -> Page:
    """Record the team's own money."""
    project = project_or_404(project_queries.code_of(db.session, project_id))
    policy.may_record_own_money(actor(), project).enforce()
    form = OwnMoneyForm()
    if form.validate_on_submit():
        try:
            source, amount = form.source.data, form.amount.data
            service.record_own_money(actor(), project_id, source, amount, now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The team's own money is recorded."))
            return see_other("projects.shown", code=project.code)
    return project_screen(project, own=form)
