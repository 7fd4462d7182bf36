"""The form of each section; shape only. What it says is plain JSON, as the terms keep it."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import Field, HiddenField
from wtforms.validators import ValidationError

from portal.bids.completeness import AVOID_MOST
from portal.bids.models import Bid
from portal.bids.sections.compare import Difference
from portal.bids.sections.rules import Section
from portal.bids.terms import (
    TEXTS,
    AttachmentKind,
    Avoid,
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Json,
    Level,
    Member,
    MemberRole,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.money import FundSource
from portal.core.words import N_

NUMBERS = re.compile(r"[\s,，、;；]+")


class SectionForm(PortalForm):
    """One section: `seen` is the revision that the page began from."""

    refused = False
    """Whether the section takes no change at all, whatever was typed."""
    differs: Sequence[Difference] = ()
    """Where what was typed and what somebody else saved are not the same."""
    seen = HiddenField()

    def fit(self, bid: Bid) -> None:
        """Give the form the rows and choices of its challenge."""
        for field in self:
            if isinstance(field, fields.RowsField):
                continue
            field.flags.required = True  # a rule asks for it: not marked as optional

    def revision(self) -> int | None:
        """The revision that the writer has seen; nonsense counts as none."""
        typed = self.seen.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None

    def content(self, bid: Bid) -> Json:
        """What was typed; a number not typed is 0 until it is."""
        return {name: self[name].data for name in TEXTS if name in self}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """What was saved, as the form shows it."""
        return vars(terms)


class OutlineForm(SectionForm):
    """What is proposed."""

    title = fields.line(N_("Title of the bid"), required=False)
    summary = fields.prose(N_("Summary"), 3000, required=False)


class RouteForm(SectionForm):
    """How it will be done."""

    route = fields.prose(N_("Technical route"), 20000, required=False)


class PromiseRow(RowForm):
    """The answer to one indicator; there are as many rows as indicators, blank or not."""

    baseline = fields.prose(N_("Today"), 200, required=False)
    value = fields.number(N_("Promised value"), required=False)
    how = fields.prose(N_("How it will be reached"), 1000, required=False)
    proof = fields.prose(N_("How it will be shown"), 1000, required=False)

    def is_blank(self) -> bool:
        """Never: the row belongs to its indicator."""
        return False


class IndicatorsForm(SectionForm):
    """The answer to every indicator."""

    promises = fields.rows(N_("Promised indicators"), PromiseRow, blank=0, most=200)

    def fit(self, bid: Bid) -> None:
        """As many rows as indicators."""
        wanted = len(bid.challenge.indicators)
        while len(self.promises.entries) < wanted:
            self.promises.append_entry()
        while len(self.promises.entries) > wanted:
            self.promises.pop_entry()

    def content(self, bid: Bid) -> Json:
        """The promises that say something, each for its indicator."""
        rows = zip(bid.challenge.indicators, (e.form for e in self.promises.entries), strict=True)
        promises = [
            Promise(one.id, row.value.data, row.how.data, row.baseline.data, row.proof.data)
            for one, row in rows
            if row.value.data is not None or row.how.data or row.baseline.data or row.proof.data
        ]
        return {"promises": [promise.to_json() for promise in promises]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """A row for every indicator."""
        known = {promise.indicator_id: promise for promise in terms.promises}
        rows = (known.get(row.id) for row in bid.challenge.indicators)
        return {"promises": [vars(promise) if promise else {} for promise in rows]}


def _are_numbers(form: Any, field: Field) -> None:
    for word in NUMBERS.split(field.data.strip()) if field.data else ():
        if word and not (word.isascii() and word.isdigit()):
            raise ValidationError(gettext("Numbers of indicators, please, like 1, 3."))


class MilestoneRow(RowForm):
    """A milestone of the plan."""

    month = fields.whole(N_("Month"), 1, 600, required=False)
    title = fields.line(N_("Milestone"), required=False)
    deliverable = fields.prose(N_("What will be shown"), 500, required=False)
    indicators = fields.line(N_("Numbers of the indicators"), 100, required=False)
    share = fields.whole(N_("Share of public money in percent"), 1, 100, required=False)

    def validate_indicators(self, field: Field) -> None:
        """Numbers with a comma between them."""
        _are_numbers(self, field)


class MilestonesForm(SectionForm):
    """The plan."""

    milestones = fields.rows(N_("Milestones"), MilestoneRow, blank=2)

    def content(self, bid: Bid) -> Json:
        """The milestones; numbers of indicators that do not exist are left out."""
        ids = {str(n): row.id for n, row in enumerate(bid.challenge.indicators, start=1)}
        planned = [
            PlannedMilestone(
                row.month.data or 0,
                row.title.data,
                row.deliverable.data,
                row.share.data or 0,
                tuple(ids[n] for n in NUMBERS.split(row.indicators.data) if n in ids),
            )
            for row in self.milestones.filled
        ]
        return {"milestones": [row.to_json() for row in planned]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """With the numbers of the indicators."""
        numbers = {row.id: n for n, row in enumerate(bid.challenge.indicators, start=1)}
        rows = []
        for row in terms.milestones:
            shows = ", ".join(str(numbers[key]) for key in row.indicators if key in numbers)
            blank = {"month": row.month or None, "share": row.share or None}
            rows.append({**vars(row), **blank, "indicators": shows})
        return {"milestones": rows}


class BudgetRow(RowForm):
    """Money of one year, for one kind of cost, from one source."""

    year = fields.whole(N_("Year of the work"), 1, 50, required=False)
    category = fields.choice(N_("Kind of cost"), BudgetCategory)
    source = fields.choice(N_("Fund source"), FundSource)
    amount = fields.money(N_("Amount"), required=False)


class BudgetForm(SectionForm):
    """The money."""

    budget = fields.rows(N_("Budget"), BudgetRow, blank=4, most=200)

    def items(self) -> list[BudgetItem]:
        """What was typed so far."""
        return [
            BudgetItem(
                row.year.data or 0,
                row.category.data,
                row.source.data,
                row.amount.data or Decimal(0),
            )
            for row in self.budget.filled
            if row.category.data and row.source.data
        ]

    def content(self, bid: Bid) -> Json:
        """The cells of the budget."""
        return {"budget": [item.to_json() for item in self.items()]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """The cells of the budget."""
        blank = ({"year": one.year or None, "amount": one.amount or None} for one in terms.items)
        rows = zip(terms.items, blank, strict=True)
        return {"budget": [{**vars(item), **numbers} for item, numbers in rows]}


class MemberRow(RowForm):
    """A person of the team."""

    name = fields.line(N_("Name"), 100, required=False)
    birth_year = fields.whole(N_("Year of birth"), 1800, 2200, required=False)
    role = fields.choice(N_("Role"), MemberRole, default=MemberRole.MEMBER)
    organisation = fields.line(N_("Organisation"), required=False)
    duty = fields.line(N_("Task"), required=False)
    share = fields.whole(N_("Working time in percent"), 1, 100, required=False)


class PeopleForm(SectionForm):
    """The people."""

    members = fields.rows(N_("People"), MemberRow, blank=2, most=100)

    def content(self, bid: Bid) -> Json:
        """The people of the team."""
        people = [
            Member(
                row.name.data,
                row.organisation.data,
                row.duty.data,
                row.share.data or 0,
                row.role.data,
                row.birth_year.data or 0,
            )
            for row in self.members.filled
        ]
        return {"members": [person.to_json() for person in people]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """The people of the team."""
        numbers = ("share", "birth_year")
        return {
            "members": [
                {**vars(row), **{name: getattr(row, name) or None for name in numbers}}
                for row in terms.members
            ]
        }


class RiskRow(RowForm):
    """What may go wrong."""

    risk = fields.prose(N_("Risk"), 1000, required=False)
    likelihood = fields.choice(N_("Likelihood"), Level, default=Level.MEDIUM)
    effect = fields.choice(N_("Effect"), Level, default=Level.MEDIUM)
    answer = fields.prose(N_("Answer to it"), 1000, required=False)


class RisksForm(SectionForm):
    """The risks."""

    risks = fields.rows(N_("Risks"), RiskRow, blank=2)

    def content(self, bid: Bid) -> Json:
        """The risks."""
        rows = [
            Risk(row.risk.data, row.likelihood.data, row.effect.data, row.answer.data)
            for row in self.risks.filled
        ]
        return {"risks": [row.to_json() for row in rows]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """The risks."""
        return {"risks": [vars(row) for row in terms.risks]}


class PropertyForm(SectionForm):
    """Intellectual property."""

    background = fields.prose(N_("What the team brings"), 4000, required=False)
    foreground = fields.prose(N_("What the work will make"), 4000, required=False)
    ownership = fields.prose(N_("Who will own it, and who may use it"), 4000, required=False)


class ScenarioForm(SectionForm):
    """How the result gets to its site."""

    scenario = fields.prose(N_("Plan for the scenario"), 8000, required=False)


class AvoidRow(RowForm):
    """An expert who shall keep away."""

    name = fields.line(N_("Name of the expert"), 100, required=False)
    organisation = fields.line(N_("Organisation of the expert"), required=False)
    reason = fields.prose(N_("Why they shall keep away"), 1000, required=False)


class DeclarationsForm(SectionForm):
    """What the team declares, and which experts it asks to keep away."""

    data_security = fields.prose(N_("Data and their security"), 4000, required=False)
    other_funding = fields.prose(
        N_("Other public money for the same content"), 2000, required=False
    )
    avoid = fields.rows(N_("Experts who shall keep away"), AvoidRow, most=AVOID_MOST)

    def content(self, bid: Bid) -> Json:
        """The texts, and the experts."""
        rows = [
            Avoid(row.name.data, row.organisation.data, row.reason.data)
            for row in self.avoid.filled
        ]
        return {**super().content(bid), "avoid": [row.to_json() for row in rows]}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """The texts, and the experts."""
        return {**vars(terms), "avoid": [vars(row) for row in terms.avoid]}


FORMS: dict[Section, type[SectionForm]] = {
    Section.OUTLINE: OutlineForm,
    Section.INDICATORS: IndicatorsForm,
    Section.ROUTE: RouteForm,
    Section.MILESTONES: MilestonesForm,
    Section.BUDGET: BudgetForm,
    Section.PEOPLE: PeopleForm,
    Section.RISKS: RisksForm,
    Section.PROPERTY: PropertyForm,
    Section.SCENARIO: ScenarioForm,
    Section.DECLARATIONS: DeclarationsForm,
}
"""Attachments have forms of their own: each file comes and goes by itself."""


class DocumentForm(PortalForm):
    """The bid document."""

    document = fields.upload(N_("Bid document (PDF)"))


class AttachmentForm(PortalForm):
    """A file beside the bid document."""

    kind = fields.choice(N_("Kind of file"), AttachmentKind)
    title = fields.line(N_("Title of the file"), required=False)
    file = fields.upload(N_("File (PDF, JPG, PNG, DOCX or XLSX)"))


ROWS: dict[str, type[RowForm]] = {
    "promises": PromiseRow,
    "milestones": MilestoneRow,
    "budget": BudgetRow,
    "members": MemberRow,
    "risks": RiskRow,
    "avoid": AvoidRow,
}


def label_of(path: str) -> str:
    """What the field of a problem is called; the cell, if its path leads into a table."""
    parts = path.split(".")
    if len(parts) == 3 and parts[0] in ROWS:
        return str(getattr(ROWS[parts[0]], parts[2]).args[0])
    for form in (*FORMS.values(), DocumentForm):
        field = getattr(form, parts[0], None)
        if field is not None:
            return str(field.kwargs.get("label") or field.args[0])
    return str(gettext("Team"))
