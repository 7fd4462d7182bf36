"""Forms of money."""

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.validators import InputRequired

from portal.core import days, fields
from portal.core.fields import PortalForm
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_
from portal.projects.funds.own import Incoming
from portal.projects.funds.service import Voucher


class PaymentForm(PortalForm):
    """A payment from a tranche, with its voucher."""

    amount = fields.money(N_("Amount"))
    voucher = fields.line(N_("Voucher number"), 100)
    paid_on = days.day(N_("Paid on"))
    file = fields.upload(N_("Voucher (PDF or picture)"))

    @property
    def shown(self) -> Voucher:
        """What shows that it was paid."""
        return Voucher(self.voucher.data, self.paid_on.data, self.file.upload)


class ReversalForm(PortalForm):
    """Why a payment is taken back."""

    reason = fields.prose(N_("What is wrong with this payment"), 2000, minimum=20)


class DroppingForm(PortalForm):
    """Why a payment stays as it is."""

    answer = fields.prose(N_("Why the payment stays"), 2000, minimum=20)


class OwnMoneyForm(PortalForm):
    """Money that the team has brought in from one of its own sources, with evidence."""

    source = SelectField(
        lazy_gettext(N_("Fund source")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(source for source in FundSource if source not in PUBLIC_SOURCES),
        coerce=FundSource,
    )
    amount = fields.money(N_("Amount received"))
    document = fields.line(N_("Number of the bank slip or invoice"), 100)
    received_on = days.day(N_("Received on"))
    file = fields.upload(N_("Evidence (PDF or picture)"))

    @property
    def incoming(self) -> Incoming:
        """What came in."""
        return Incoming(
            self.source.data,
            self.amount.data,
            self.document.data,
            self.received_on.data,
            self.file.upload,
        )


class RefusalForm(PortalForm):
    """Why own money is not confirmed."""

    answer = fields.prose(N_("Why it is not confirmed"), 2000, minimum=20)
