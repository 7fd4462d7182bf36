"""Forms of money."""

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.validators import InputRequired

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.money import PUBLIC_SOURCES, FundSource
from portal.core.words import N_


class VoucherForm(PortalForm):
    """The number under which a tranche was paid."""

    voucher = fields.line(N_("Voucher number"), 100)


class OwnMoneyForm(PortalForm):
    """How much the team has brought in so far, from one of its own sources."""

    source = SelectField(
        lazy_gettext(N_("Fund source")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(source for source in FundSource if source not in PUBLIC_SOURCES),
        coerce=FundSource,
    )
    amount = fields.money(N_("Brought in so far, in all"))
