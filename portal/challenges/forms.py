"""The editor of a challenge."""

from decimal import Decimal

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.form import BaseForm

from portal.challenges.models import Challenge
from portal.challenges.rules import DEFAULT_RUBRIC, REASON_MINIMUM, IssuerType, Operator
from portal.challenges.service import PLAIN, ChallengeFacts, CriterionFacts, IndicatorFacts
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

    def facts(self) -> ChallengeFacts:
        """What was typed, for the service."""
        return ChallengeFacts(
            **{name: self[name].data for name in PLAIN},
            indicators=tuple(_indicator(row) for row in self.indicators.filled),
            funds={source: self[source.value].data for source in FundSource},
            criteria=tuple(
                CriterionFacts(row.name.data, row.weight.data) for row in self.criteria.filled
            ),
        )


class NewChallengeForm(ChallengeForm):
    """The editor with the call that the challenge belongs to."""

    call = SelectField(lazy_gettext(N_("Call")))


class CancelForm(PortalForm):
    """Why a challenge is cancelled."""

    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


def _indicator(row: BaseForm) -> IndicatorFacts:
    return IndicatorFacts(
        name=row["name"].data,
        operator=row["operator"].data,
        value=row["value"].data,
        high=row["high"].data,
        unit=row["unit"].data or "",
        test_method=row["test_method"].data,
        mandatory=not row["wish"].data,
    )


def defaults() -> dict[str, object]:
    """What a new challenge begins with: the default rubric."""
    return {
        "criteria": [{"name": line.name, "weight": line.weight} for line in DEFAULT_RUBRIC],
        "months": 24,
    }


def stored(challenge: Challenge) -> dict[str, object]:
    """A stored challenge as the editor shows it."""
    values = {name: getattr(challenge, name) for name in PLAIN}
    amounts = {fund.source: fund.amount for fund in challenge.funds}
    return {
        **values,
        **{source.value: amounts.get(source, Decimal(0)) for source in FundSource},
        "indicators": [{**vars(row), "wish": not row.mandatory} for row in challenge.indicators],
        "criteria": [{"name": row.name, "weight": row.weight} for row in challenge.criteria],
    }
