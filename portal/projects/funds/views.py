"""Pages of money."""

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.audit.service import note_export
from portal.core.db import db
from portal.core.errors import Invalid, NotFound
from portal.core.web import actor, done, download, now, see_other, send_stored, signed_in, store
from portal.core.words import N_
from portal.projects import policy
from portal.projects import queries as project_queries
from portal.projects.funds import exporting, ledger, own, queries, service
from portal.projects.funds.forms import OwnMoneyForm, PaymentForm, RefusalForm
from portal.projects.funds.screens import money_screen
from portal.projects.screens import project_or_404

pages = Blueprint("funds", __name__)
Page = Response | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/projects/<code>/money")
@signed_in
def money(code: str) -> Page:
    """The ledger of a project by source and by time."""
    return money_screen(project_or_404(code))


@pages.get("/projects/<code>/money.csv")
@signed_in
def as_csv(code: str) -> Response:
    """What happened to a project's money, by day."""
    project = project_or_404(code)
    paid = queries.payments_of(db.session, project.id)
    received = queries.receipts_of(db.session, project.id)
    content = exporting.ledger_csv(ledger.by_time(project, paid, received))
    note_export(actor(), project.subject_ref, "money.csv", now())
    return download(content, "text/csv", f"{code}.csv")


@pages.get("/projects/<code>/money.xlsx")
@signed_in
def as_workbook(code: str) -> Response:
    """Both tables of a project's money as a workbook."""
    project = project_or_404(code)
    paid = queries.payments_of(db.session, project.id)
    received = queries.receipts_of(db.session, project.id)
    sources = ledger.by_source(project, received, now())
    content = exporting.workbook(sources, ledger.by_time(project, paid, received))
    note_export(actor(), project.subject_ref, "money.xlsx", now())
    return download(content, XLSX, f"{code}.xlsx")


@pages.post("/tranches/<uuid:tranche_id>/pay")
@signed_in
def pay(tranche_id: UUID) -> Page:
    """Record a payment from a tranche."""
    project = project_or_404(queries.code_by_tranche(db.session, tranche_id))
    policy.may_manage(actor(), project).enforce()
    form = PaymentForm().among(tranche_id)
    if form.validate_on_submit():
        try:
            amount = form.amount.data
            service.pay_tranche(actor(), tranche_id, amount, form.shown, store(), now())
        except Invalid as error:
            form.place(error)
        else:
            done(N_("The payment is recorded."))
            return see_other("funds.money", code=project.code)
    return money_screen(project, payments={tranche_id: form})


@pages.post("/projects/<uuid:project_id>/own-money")
@signed_in
def own_money(project_id: UUID) -> Page:
    """Record the team's own money."""
    project = project_or_404(project_queries.code_of(db.session, project_id))
    policy.may_report(actor(), project).enforce()
    form = OwnMoneyForm()
    if form.validate_on_submit() and form.takes(
        lambda: own.record_own_money(actor(), project_id, form.incoming, store(), now())
    ):
        done(N_("The team's own money is recorded; an officer confirms it."))
        return see_other("funds.money", code=project.code)
    return money_screen(project, own=form)


@pages.post("/own-money/<uuid:receipt_id>/confirm")
@signed_in
def confirm(receipt_id: UUID) -> Page:
    """Confirm that own money has come in."""
    project = project_or_404(queries.code_by_receipt(db.session, receipt_id))
    own.confirm_own_money(actor(), receipt_id, now())
    done(N_("The team's own money is confirmed."))
    return see_other("funds.money", code=project.code)


@pages.post("/own-money/<uuid:receipt_id>/refuse")
@signed_in
def refuse(receipt_id: UUID) -> Page:
    """Say why own money is not confirmed."""
    project = project_or_404(queries.code_by_receipt(db.session, receipt_id))
    policy.may_manage(actor(), project).enforce()
    form = RefusalForm().among(receipt_id)
    if form.validate_on_submit():
        own.refuse_own_money(actor(), receipt_id, form.answer.data, now())
        done(N_("The team is told why its money is not confirmed."))
        return see_other("funds.money", code=project.code)
    return money_screen(project, refusals={receipt_id: form})


@pages.get("/vouchers/<uuid:file_id>")
@signed_in
def document(file_id: UUID) -> Response:
    """A voucher, or what shows own money."""
    stored = queries.document_visible_to(db.session, actor(), file_id)
    if stored is None:
        raise NotFound
    return send_stored(stored)
