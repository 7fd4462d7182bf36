"""What the page of a project's money shows, so that a refused form comes back with all around it."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template

from portal.core.db import db
from portal.core.web import actor, now
from portal.core.workdays import PLACE
from portal.projects import policy
from portal.projects.funds import ledger, queries
from portal.projects.funds.forms import (
    DroppingForm,
    OwnMoneyForm,
    PaymentForm,
    RefusalForm,
    ReversalForm,
)
from portal.projects.funds.models import Payment, Receipt
from portal.projects.funds.rules import (
    CORRECTING,
    PAYING,
    ReceiptState,
    ReversalState,
    TrancheState,
)
from portal.projects.models import Project
from portal.projects.screens import frame

Screen = tuple[str, int]


def money_screen(
    project: Project,
    payments: dict[UUID, PaymentForm] | None = None,
    own: OwnMoneyForm | None = None,
    refusals: dict[UUID, RefusalForm] | None = None,
    wrong: dict[UUID, ReversalForm] | None = None,
    dropping: dict[UUID, DroppingForm] | None = None,
) -> Screen:
    """The ledger, the tranches with what can be paid of them, and the team's own money."""
    paid, received = (
        queries.payments_of(db.session, project.id),
        queries.receipts_of(db.session, project.id),
    )
    rule = queries.matching_of(project)
    due = [one for one in project.tranches if one.state is TrancheState.DUE]
    page = render_template(
        "funds/ledger.html",
        sources=ledger.by_source(project, received, now()),
        lines=ledger.by_time(project, paid, received),
        receipts=received,
        rule=rule,
        short=[(one, rule.facts(one.left)) for one in due if one.left > rule.payable],
        pays=project.state in PAYING,
        forms=_forms(project, payments or {}),
        own=own or OwnMoneyForm(formdata=None, data={"received_on": _today()}),
        refusals=_refusals(received, refusals or {}),
        refused=set(refusals or {}),
        corrections=_corrections(project, paid, wrong or {}, dropping or {}),
        **frame(project),
    )
    return page, 422 if payments or own or refusals or wrong or dropping else 200


def _forms(project: Project, sent: dict[UUID, PaymentForm]) -> dict[UUID, PaymentForm]:
    """A form for each tranche that is due, filled with what can be paid of it today; none while own
    money is short of any payment."""
    payable, today = queries.matching_of(project).payable, _today()
    found = {}
    for tranche in project.tranches if project.state in PAYING else ():
        if tranche.state is TrancheState.DUE and (payable > 0 or tranche.id in sent):
            usual = {"amount": min(tranche.left, payable), "paid_on": today}
            form = sent.get(tranche.id) or PaymentForm(formdata=None, data=usual)
            found[tranche.id] = form if tranche.id in sent else form.among(tranche.id)
    return found


def _refusals(
    received: Sequence[Receipt], sent: dict[UUID, RefusalForm]
) -> dict[UUID, RefusalForm]:
    """A form for each record that nobody has decided about."""
    open_ones = [one.id for one in received if one.state is ReceiptState.REPORTED]
    return {**{one: RefusalForm(formdata=None).among(one) for one in open_ones}, **sent}


def _corrections(
    project: Project,
    paid: Sequence[Payment],
    wrong: dict[UUID, ReversalForm],
    dropping: dict[UUID, DroppingForm],
) -> list[dict[str, Any]]:
    """Each payment with its counter-entries, and what this officer may do about them."""
    manages = bool(policy.may_manage(actor(), project)) and project.state in CORRECTING
    found = []
    for payment in paid:
        open_one = next((r for r in payment.reversals if r.state is ReversalState.PROPOSED), None)
        free = manages and open_one is None and payment.reversed_at is None
        found.append(
            {
                "payment": payment,
                "open": open_one,
                "form": (wrong.get(payment.id) or ReversalForm(formdata=None).among(payment.id))
                if free
                else None,
                "dropping": (
                    dropping.get(open_one.id) or DroppingForm(formdata=None).among(open_one.id)
                )
                if manages and open_one
                else None,
                "may_confirm": manages
                and open_one is not None
                and bool(policy.may_confirm(actor(), open_one.proposed_by)),
                "sent": payment.id in wrong or (open_one is not None and open_one.id in dropping),
            }
        )
    return found


def _today() -> date:
    return now().astimezone(PLACE).date()
