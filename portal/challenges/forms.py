"""The editor of a challenge."""

from decimal import Decimal
from typing import Any

from wtforms.form import BaseForm

from portal.challenges.models import Challenge
from portal.challenges.rules import REASON_MINIMUM, IssuerType, Operator
from portal.challenges.sheet import PLAIN, CriterionFacts, IndicatorFacts
from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.money import FundSource
from portal.core.words import N_


class IndicatorRow(RowForm):
    """One indicator."""

    name = fields.line(N_("Indicator"))
    operator = fields.choice(N_("Comparison"), Operator)
    value = fields.number(N_("Value"), required=False)
    high = fields.number(N_("Upper end"), required=False)
    unit = fields.line(N_("Unit"), 40, required=False)
    test_method = fields.line(N_("How it is tested"), 400)
    wish = fields.flag(N_("Wish, not a must"))
    baseline = fields.line(N_("Where it stands today"), required=False)


class CriterionRow(RowForm):
    """One line of the rubric."""

    name = fields.line(N_("Criterion"))
    weight = fields.whole(N_("Weight"), 1, 100)


class ChallengeForm(PortalForm):
    """All of a challenge, in sections."""

    title = fields.line(N_("Title"))
    title_en = fields.line(N_("Title in English"), required=False)
    summary = fields.prose(N_("In short"), 600)
    summary_en = fields.prose(N_("In short, in English"), 600, required=False)
    background = fields.prose(N_("What the industry lacks"))
    content = fields.prose(N_("What has to be done"))
    issuer_type = fields.choice(N_("Who posts and pays"), IssuerType)
    indicators = fields.rows(N_("Indicators"), IndicatorRow, blank=3)
    scenario_site = fields.line(N_("Site"))
    scenario_owner = fields.line(N_("Owner of the scenario"))
    scenario_use = fields.prose(N_("What will run there"), 2000)
    scenario_access = fields.prose(N_("Access that is given"), 2000, required=False)
    city = fields.money(N_("City funds"))
    district = fields.money(N_("District funds"))
    enterprise = fields.money(N_("Enterprise's own funds"))
    social = fields.money(N_("Social capital"))
    criteria = fields.rows(N_("Rubric"), CriterionRow, blank=1)
    months = fields.whole(N_("Duration in months"), 1, 60)
    closes_at = fields.moment(N_("Deadline for bids (Beijing time)"))
    field = fields.line(N_("Field"), required=False)
    chain_stage = fields.line(N_("Stage of the chain"), required=False)
    deliverables = fields.prose(N_("What is delivered"), 2000, required=False)
    ip_terms = fields.prose(N_("Who owns the results"), 2000, required=False)
    confidentiality = fields.prose(N_("Confidentiality"), 2000, required=False)
    trl_from = fields.whole(N_("Technology readiness at the start"), 1, 9, required=False)
    trl_to = fields.whole(N_("Technology readiness at the end"), 1, 9, required=False)
    contact_name = fields.line(N_("Contact"), required=False)
    contact_phone = fields.line(N_("Telephone"), 40, required=False)
    contact_email = fields.line(N_("E-mail of the contact"), 254, required=False)
    revision = fields.whole(N_("Edition"), 0, 1 << 40, required=False)

    def changes(self) -> dict[str, Any]:
        """What was typed, for the service."""
        return {
            **{name: self[name].data for name in PLAIN if name != "settings"},
            "indicators": tuple(indicator(row) for row in self.indicators.filled),
            "funds": {source: self[source.value].data for source in FundSource},
            "criteria": tuple(
                CriterionFacts(row.name.data, row.weight.data) for row in self.criteria.filled
            ),
        }


class CancelForm(PortalForm):
    """Why a challenge is cancelled."""

    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


def indicator(row: BaseForm) -> IndicatorFacts:
    """A row of the table, for the service."""
    return IndicatorFacts(
        name=row["name"].data,
        operator=row["operator"].data,
        value=row["value"].data,
        high=row["high"].data,
        unit=row["unit"].data or "",
        test_method=row["test_method"].data,
        mandatory=not row["wish"].data,
        baseline=row["baseline"].data or "",
    )


def stored(challenge: Challenge) -> dict[str, object]:
    """A stored challenge as the editor shows it."""
    values = {name: getattr(challenge, name) for name in PLAIN}
    amounts = {fund.source: fund.amount for fund in challenge.funds}
    return {
        **values,
        "revision": challenge.revision,
        **{source.value: amounts.get(source, Decimal(0)) for source in FundSource},
        "indicators": [{**vars(row), "wish": not row.mandatory} for row in challenge.indicators],
        "criteria": [vars(row) for row in challenge.criteria],
    }
