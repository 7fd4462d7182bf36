"""Forms of a contract: what may be negotiated."""

from dataclasses import replace
from typing import Any

from wtforms import HiddenField

from portal.core import days, fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.projects.contracts.rules import LONGEST
from portal.projects.contracts.terms import Clause, Terms


class FixedRow(RowForm):
    """A row of a table that neither grows nor shrinks: never absent, though all was wiped out."""

    def is_blank(self) -> bool:
        """It is always there."""
        return False


class IndicatorRow(FixedRow):
    """The promised value of an indicator, and how it will be tested."""

    promised_value = fields.number(N_("Promised value"), required=False)
    test_method = fields.line(N_("How it is tested"), 400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.promised_value.flags.required = True  # a rule asks for it where it is shown


class MilestoneRow(FixedRow):
    """When a milestone is due, what it delivers, and what it releases."""

    month = fields.whole(N_("Month"), 1, LONGEST)
    deliverable = fields.prose(N_("Deliverable"), 2000)
    share = fields.whole(N_("Share in percent"), 0, 100)


class ChangeForm(PortalForm):
    """All that may be negotiated, and why it is changed; a field more for each clause."""

    seen = HiddenField()
    indicators = fields.rows(N_("Indicators"), IndicatorRow, blank=0)
    signing_share = fields.whole(N_("Share of public money at the signing, in percent"), 0, 100)
    milestones = fields.rows(N_("Milestones"), MilestoneRow, blank=0)
    acceptance_share = fields.whole(
        N_("Share of public money after the acceptance, in percent"), 0, 100, required=False
    )
    reason = fields.prose(N_("Reason for the change"), 2000, minimum=10)

    @property
    def clauses(self) -> list[Any]:
        """The fields of the clauses, in their order."""
        return [self[clause.value] for clause in Clause]

    def fits(self, terms: Terms) -> bool:
        """Whether it has a row for each indicator and milestone, as it was given out."""
        told = len(self.indicators.entries), len(self.milestones.entries)
        return told == (len(terms.indicators), len(terms.milestones))

    def changed(self, terms: Terms) -> Terms:
        """The terms with what was typed."""
        indicators = zip(terms.indicators, self.indicators.entries, strict=True)
        milestones = zip(terms.milestones, self.milestones.entries, strict=True)
        return replace(
            terms,
            indicators=tuple(
                replace(
                    row,
                    promised_value=typed.form.promised_value.data,
                    test_method=typed.form.test_method.data,
                )
                for row, typed in indicators
            ),
            milestones=tuple(
                replace(
                    row,
                    month=typed.form.month.data,
                    deliverable=typed.form.deliverable.data,
                    share=typed.form.share.data,
                )
                for row, typed in milestones
            ),
            signing_share=self.signing_share.data,
            acceptance_share=self.acceptance_share.data or 0,
            clauses={clause: self[clause.value].data for clause in Clause},
        )


for _clause in Clause:
    setattr(ChangeForm, _clause.value, fields.prose(_clause.label, 5000))


class ExtensionForm(PortalForm):
    """Until when the contract can be signed instead, and why; `seen` is the day that held."""

    seen = HiddenField()
    until = days.day(N_("Last day to sign"))
    reason = fields.prose(N_("Why the signing is put off"), 2000, minimum=10)


class RefusalForm(PortalForm):
    """Why a party does not sign."""

    refusal = fields.prose(N_("Why this party does not sign"), 2000, minimum=20)


class NextForm(PortalForm):
    """Why the award goes to the next in order."""

    why = fields.prose(N_("Why the award goes to the next in order"), 2000, minimum=20)


def filled(terms: Terms, number: int) -> ChangeForm:
    """The form with what version `number` says."""
    clauses = {clause.value: terms.clauses[clause] for clause in Clause}
    data: dict[str, Any] = {
        "seen": number,
        "indicators": [vars(row) for row in terms.indicators],
        "milestones": [vars(row) for row in terms.milestones],
        "signing_share": terms.signing_share,
        "acceptance_share": terms.acceptance_share,
        **clauses,
    }
    return ChangeForm(formdata=None, data=data)
