"""The form of a yearly report."""

from typing import Any

from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_
from portal.projects.followups.rules import Figures

MOST = 10**9


class YearForm(PortalForm):
    """What the project brought in one year."""

    revenue = fields.money(N_("Revenue"))
    investment = fields.money(N_("Further investment"))
    patents = fields.whole(N_("Patents granted"), 0, MOST)
    jobs = fields.whole(N_("New jobs"), 0, MOST)
    sites = fields.whole(N_("Further sites"), 0, MOST)
    words = fields.prose(N_("What has become of it"), 5000, required=False)
    reason = fields.prose(N_("Why it is corrected"), 2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.flags.required = (
            True  # shown with a correction only, and then a rule asks for it
        )

    def told(self) -> Figures:
        """The figures that were typed."""
        money = self.revenue.data, self.investment.data
        return Figures(*money, self.patents.data, self.jobs.data, self.sites.data)
