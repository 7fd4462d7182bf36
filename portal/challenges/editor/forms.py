"""The sections of the editor as forms: a draft may leave blank what a proposal must say."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.fields.core import UnboundField

from portal.challenges.editor.written import Written
from portal.challenges.forms import CriterionRow, IndicatorRow, indicator
from portal.challenges.rules import IssuerType
from portal.challenges.setting_fields import (
    NAMES,
    DateFields,
    RankingFields,
    ReviewFields,
    TeamFields,
    WinnersFields,
    chosen,
)
from portal.challenges.sheet import PLAIN, ChallengeFacts, CriterionFacts
from portal.core import fields
from portal.core.errors import NotFound
from portal.core.fields import Needed, PortalForm
from portal.core.money import FundSource
from portal.core.words import N_


def asked(unbound: Any) -> Any:
    """A field that may stay blank in a draft, though a proposal needs it."""
    unbound.args[1].append(Needed())
    return unbound


class Sectioned(PortalForm):
    """A part of what is written, and the edition of the whole that its writer has seen."""

    seen = fields.whole(N_("Edition"), 0, 1 << 40)


class SectionForm(Sectioned):
    """A section of a challenge's sheet."""

    def changes(self, written: Written) -> dict[str, Any]:
        """What was typed, as parts of the sheet."""
        made: dict[str, Any] = {name: self[name].data for name in PLAIN if name in self}
        if "indicators" in self:
            made["indicators"] = tuple(indicator(row) for row in self["indicators"].filled)
        if "criteria" in self:
            rows = self["criteria"].filled
            made["criteria"] = tuple(
                CriterionFacts(row["name"].data, row["weight"].data, row["guidance"].data)
                for row in rows
            )
        if "city" in self:
            made["funds"] = {source: self[source.value].data for source in FundSource}
        if any(name in self for name in NAMES):
            made["settings"] = chosen(self, written.rules).differing(written.usual)
        return made


class BasicsForm(SectionForm):
    """What is asked for."""

    title = fields.line(N_("Title"))
    title_en = fields.line(N_("Title in English"), required=False)
    summary = asked(fields.prose(N_("In short"), 600, required=False))
    summary_en = fields.prose(N_("In short, in English"), 600, required=False)
    field = fields.line(N_("Field"), required=False)
    chain_stage = fields.line(N_("Stage of the chain"), required=False)
    background = asked(fields.prose(N_("What the industry lacks"), required=False))
    content = asked(fields.prose(N_("What has to be done"), required=False))
    deliverables = asked(fields.prose(N_("What is delivered"), 2000, required=False))
    trl_from = fields.whole(N_("Technology readiness at the start"), 1, 9, required=False)
    trl_to = fields.whole(N_("Technology readiness at the end"), 1, 9, required=False)


class IndicatorsForm(SectionForm):
    """The indicators."""

    indicators = fields.rows(N_("Indicators"), IndicatorRow, blank=3)


class ScenarioForm(SectionForm):
    """Where it must work."""

    scenario_site = asked(fields.line(N_("Site"), required=False))
    scenario_owner = asked(fields.line(N_("Owner of the scenario"), required=False))
    scenario_use = asked(fields.prose(N_("What will run there"), 2000, required=False))
    scenario_access = fields.prose(N_("Access that is given"), 2000, required=False)


class MoneyForm(SectionForm, WinnersFields):
    """Who pays how much, and how many win."""

    issuer_type = fields.choice(N_("Who posts and pays"), IssuerType)
    city = fields.money(N_("City funds"))
    district = fields.money(N_("District funds"))
    enterprise = fields.money(N_("Enterprise's own funds"))
    social = fields.money(N_("Social capital"))


class TeamForm(SectionForm, TeamFields):
    """Who may bid."""


class GuidedRow(CriterionRow):
    """One line of the rubric with what reviewers look at."""

    guidance = fields.line(N_("What is looked at"), 400, required=False)


class ReviewForm(SectionForm, ReviewFields, RankingFields):
    """How bids are scored."""

    criteria = fields.rows(N_("Rubric"), GuidedRow, blank=1)


class DatesForm(SectionForm, DateFields):
    """By when."""

    closes_at = asked(fields.moment(N_("Deadline for bids (Beijing time)"), required=False))
    months = fields.whole(N_("Duration in months"), 1, 60)


class TermsForm(SectionForm):
    """Who owns the results, what is secret, whom to ask."""

    ip_terms = asked(fields.prose(N_("Who owns the results"), 2000, required=False))
    confidentiality = fields.prose(N_("Confidentiality"), 2000, required=False)
    contact_name = asked(fields.line(N_("Contact"), required=False))
    contact_phone = asked(fields.line(N_("Telephone"), 40, required=False))
    contact_email = fields.line(N_("E-mail of the contact"), 254, required=False)


FORMS: dict[str, type[SectionForm]] = {
    "basics": BasicsForm,
    "indicators": IndicatorsForm,
    "scenario": ScenarioForm,
    "money": MoneyForm,
    "team": TeamForm,
    "review": ReviewForm,
    "dates": DatesForm,
    "terms": TermsForm,
}


def labels() -> dict[str, str]:
    """What each field of each section is called, in the reader's language."""
    return {
        name: str(unbound.kwargs.get("label") or unbound.args[0])
        for form in FORMS.values()
        for name in dir(form)
        if isinstance(unbound := getattr(form, name), UnboundField)
    }


def filled(key: str, written: Written, anew: bool = False) -> SectionForm:
    """A section as it is stored; what was typed stands over it unless it is made `anew`.

    Raises NotFound.
    """
    if key not in FORMS:
        raise NotFound
    values = {**_stored(written.facts), **vars(written.rules), "seen": written.revision}
    return FORMS[key](formdata=None, data=values) if anew else FORMS[key](data=values)


def _stored(facts: ChallengeFacts) -> dict[str, object]:
    return {
        **{name: getattr(facts, name) for name in PLAIN},
        **{source.value: facts.funds.get(source, Decimal(0)) for source in FundSource},
        "indicators": [{**vars(row), "wish": not row.mandatory} for row in facts.indicators],
        "criteria": [vars(row) for row in facts.criteria],
    }


class BeginForm(PortalForm):
    """With what a challenge begins."""

    call = SelectField(lazy_gettext(N_("Call")), [Needed()])
    title = fields.line(N_("Title"))


class CopyForm(PortalForm):
    """Into which call a challenge is copied."""

    call = SelectField(lazy_gettext(N_("Call")), [Needed()])


class AttachmentForm(PortalForm):
    """A paper to attach."""

    title = fields.line(N_("Title of the paper"))
    file = fields.upload(N_("File (PDF, Word, Excel or picture)"))
