"""Forms of changes: one a kind, and the answers."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.bids.terms import BudgetCategory
from portal.challenges.rules import Operator
from portal.core import fields
from portal.core.fields import Needed, PortalForm
from portal.core.money import FundSource
from portal.core.several import several
from portal.core.words import N_
from portal.projects.changes.rules import ChangeKind, Voice
from portal.projects.changes.standing import Kept, Wish
from portal.projects.models import Project
from portal.reviews.pool.models import Reviewer

REASON = N_("Why the change is needed")
PAPERS = N_("Papers (PDF or pictures)")


class WishForm(PortalForm):
    """What every request has."""

    reason = fields.prose(REASON, 5000, minimum=20)
    papers = several(PAPERS, required=False)

    def wish(self, kind: ChangeKind) -> Wish:
        """What is asked for."""
        return Wish(kind, self.reason.data, **self.asked())

    def asked(self) -> dict[str, Any]:
        """The fields of its kind."""
        return {}

    @property
    def own(self) -> list[Any]:
        """The fields of its kind, in order."""
        return [one for one in self if one.name not in ("reason", "papers", "csrf_token")]


class TimeForm(WishForm):
    """More time."""

    months = fields.whole(N_("Months"), 1, 12)

    def asked(self) -> dict[str, Any]:
        """How many months."""
        return {"months": self.months.data}


class PeopleForm(WishForm):
    """Another leader."""

    leader = fields.line(N_("New leader of the work"), 100)

    def asked(self) -> dict[str, Any]:
        """Who leads."""
        return {"leader": self.leader.data}


class PartnerForm(WishForm):
    """Other partners."""

    partners = fields.prose(N_("Partners after the change, one on each line"), 2000, required=False)

    def asked(self) -> dict[str, Any]:
        """Who is on the team beside the lead."""
        return {"partners": tuple((self.partners.data or "").splitlines())}


class AmountsForm(WishForm):
    """Amounts by their key; the sum is held by `amounts`, at which a wrong one is told."""

    amounts = HiddenField()

    @property
    def own(self) -> list[Any]:
        """The amounts."""
        return [one for one in super().own if one.name != "amounts"]

    def asked(self) -> dict[str, Any]:
        """Yuan by key."""
        found: dict[str, Decimal] = {}
        for one in self.own:
            if one.data is not None:
                found[one.name.removeprefix("of_")] = one.data
        return {"amounts": found}


class IndicatorForm(WishForm):
    """Another promised value."""

    indicator = SelectField(lazy_gettext(N_("Indicator")), [Needed()], coerce=int)
    value = fields.number(N_("Promised value"))

    def asked(self) -> dict[str, Any]:
        """Which indicator, and its value."""
        return {"indicator": self.indicator.data, "value": self.value.data}


def form_for(kind: ChangeKind, project: Project, before: Kept) -> WishForm:
    """The form of a kind, filled with what holds now."""
    if kind is ChangeKind.TIME:
        return TimeForm()
    if kind is ChangeKind.PEOPLE:
        return PeopleForm()
    if kind is ChangeKind.PARTNER:
        return PartnerForm(data={"partners": "\n".join(before["partners"])})
    if kind is ChangeKind.INDICATOR:
        form = IndicatorForm()
        form.indicator.choices = [
            SelectChoice(value=row.position, label=f"{row.name} ({row.promised_words})")
            for row in project.indicators
            if row.operator is not Operator.QUALITATIVE
        ]
        return form
    words = BudgetCategory if kind is ChangeKind.BUDGET else FundSource
    return _amounts_form(before, words)


def _amounts_form(before: Kept, words: type[BudgetCategory] | type[FundSource]) -> WishForm:
    amounts = {key: fields.money(words(key).label) for key in before["amounts"]}
    made = type("AmountsForm", (AmountsForm,), {f"of_{key}": one for key, one in amounts.items()})
    held = {f"of_{key}": Decimal(text) for key, text in before["amounts"].items()}
    found: WishForm = made(data=held)
    return found


class AnswerForm(PortalForm):
    """Consent, refusal, or an expert's opinion."""

    voice = HiddenField()
    agrees = SelectField(
        lazy_gettext(N_("Answer")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=[
            SelectChoice(value="", label="—"),
            SelectChoice(value="yes", label=lazy_gettext(N_("Yes"))),
            SelectChoice(value="no", label=lazy_gettext(N_("No"))),
        ],
    )
    words = fields.prose(N_("Reasons for it"), 3000, required=False)

    def of(self, voice: Voice) -> "AnswerForm":
        """The form of one voice, with ids of its own."""
        self.voice.data = voice.value
        return self.among(voice.value)


class ExpertForm(PortalForm):
    """Which expert is asked."""

    expert = SelectField(lazy_gettext(N_("Expert")), [Optional(), Needed()])

    def among_experts(self, experts: Iterable[Reviewer]) -> "ExpertForm":
        """With these to choose from."""
        self.expert.choices = [
            SelectChoice(value=str(one.id), label=f"{one.person.name} · {one.organisation.name}")
            for one in experts
        ]
        return self
