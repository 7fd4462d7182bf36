"""Forms of suspension, early ending, and money that comes back."""

from decimal import Decimal
from typing import cast

from portal.core import days, fields
from portal.core.fields import PortalForm
from portal.core.money import FundSource
from portal.core.words import N_
from portal.projects.endings.rules import EARLY, Cause, EndingKind
from portal.projects.endings.service import Returned, Settlement


class SuspendForm(PortalForm):
    """Why a project is suspended."""

    reason = fields.prose(N_("Why it is suspended"), 3000, minimum=20)


class ResumeForm(PortalForm):
    """Why a project goes on."""

    answer = fields.prose(N_("Why it goes on"), 3000, minimum=20)


class EndForm(PortalForm):
    """How a project ends, and what is claimed back of city and district money."""

    kind = fields.choice(N_("Termination or revocation"), EndingKind, among=EARLY)
    cause = fields.choice(N_("Cause"), Cause)
    reason = fields.prose(N_("Reasons for it"), 5000, minimum=20)
    principal_city = fields.money(N_("City funds to be paid back"), required=False)
    interest_city = fields.money(N_("with interest (city)"), required=False)
    principal_district = fields.money(N_("District funds to be paid back"), required=False)
    interest_district = fields.money(N_("with interest (district)"), required=False)
    due_on = days.day(N_("To be paid back by"), required=False)
    charged = fields.flag(N_("Propose a record of breach of trust; the lead is heard first"))
    file = fields.upload(N_("Decision or audit report (PDF)"), required=False)

    @property
    def settlement(self) -> Settlement:
        """What is decided."""
        return Settlement(
            self.ending,
            self.cause.data,
            self.reason.data,
            self._amounts("principal"),
            self._amounts("interest"),
            self.due_on.data,
            self.charged.data,
        )

    @property
    def ending(self) -> EndingKind:
        """What kind of ending it is."""
        return cast(EndingKind, self.kind.data)

    def _amounts(self, name: str) -> dict[FundSource, Decimal]:
        pairs = (
            (s, self[f"{name}_{s.value}"].data) for s in (FundSource.CITY, FundSource.DISTRICT)
        )
        return {source: amount for source, amount in pairs if amount}


class FailureForm(EndForm):
    """What is claimed back after a failed acceptance."""

    kind = None
    ending = EndingKind.FAILURE


class ReturnedForm(PortalForm):
    """Money that came back."""

    amount = fields.money(N_("Amount received"))
    document = fields.line(N_("Number of the bank slip"), 100)
    received_on = days.day(N_("Received on"))
    file = fields.upload(N_("Evidence (PDF or picture)"))

    @property
    def returned(self) -> Returned:
        """What came."""
        return Returned(
            self.amount.data, self.document.data, self.received_on.data, self.file.upload
        )
