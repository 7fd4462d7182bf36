"""Vouchers, payments and own money for tests."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import count
from typing import Any

from portal.core import clock
from portal.core.db import db
from portal.core.files import Upload
from portal.core.money import FundSource
from portal.projects.funds.models import Payment, Receipt, Reversal, Tranche
from portal.projects.funds.own import Incoming
from portal.projects.funds.rules import ReceiptState
from portal.projects.funds.service import Voucher
from portal.projects.models import Project
from tests.factories.awards import officer_of
from tests.factories.bids import PDF, make_document

_numbers = count(1)
DAY = date(2026, 1, 5)


def voucher(number: str = "V-1", day: date | None = DAY) -> Voucher:
    """A voucher with its file."""
    return Voucher(number, day, Upload(BytesIO(PDF), "凭证.pdf"))


def incoming(
    amount: Decimal, source: FundSource = FundSource.ENTERPRISE, document: str = "S-1"
) -> Incoming:
    """Own money with the slip that shows it."""
    return Incoming(source, amount, document, DAY, Upload(BytesIO(PDF), "回单.pdf"))


def make_payment(tranche: Tranche, **facts: Any) -> Payment:
    """A payment of the whole of a due tranche; the database sums it up."""
    project = tranche.project
    values: dict[str, Any] = {
        "project_id": project.id,
        "source": tranche.source,
        "amount": tranche.amount,
        "voucher": f"V-{next(_numbers)}",
        "paid_on": DAY,
        "file": make_document(uploaded_by=project.bid.started_by),
        "recorded_at": clock.now(db.session),
    }
    payment = Payment(tranche=tranche, **{**values, **facts})
    db.session.add(payment)
    db.session.flush()
    db.session.refresh(tranche, ["paid"])
    return payment


def make_reversal(payment: Payment, **facts: Any) -> Reversal:
    """A counter-entry that waits for a second person."""
    values: dict[str, Any] = {
        "reason": "录入时误选拨款批次,应计入下一批次,现申请红字冲销。",
        "proposed_by": officer_of(payment.tranche.project.challenge).user_id,
        "proposed_at": clock.now(db.session),
    }
    reversal = Reversal(payment=payment, **{**values, **facts})
    db.session.add(reversal)
    db.session.flush()
    return reversal


def make_receipt(project: Project, *, confirmed: bool = False, **facts: Any) -> Receipt:
    """Own money as the lead has recorded it; `confirmed` by an officer."""
    now = clock.now(db.session)
    values: dict[str, Any] = {
        "source": FundSource.ENTERPRISE,
        "amount": Decimal(10000),
        "document": f"S-{next(_numbers)}",
        "received_on": DAY,
        "file": make_document(uploaded_by=project.bid.started_by),
        "recorded_by": project.bid.started_by,
        "recorded_at": now,
    }
    if confirmed:
        officer = officer_of(project.challenge).user_id
        values |= {"state": ReceiptState.CONFIRMED, "decided_by": officer, "decided_at": now}
    receipt = Receipt(project=project, **{**values, **facts})
    db.session.add(receipt)
    db.session.flush()
    return receipt
