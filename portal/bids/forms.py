"""The bid editor, the formal check, and the closing of a challenge; shape only, rules decide."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.bids import queries
from portal.bids.formal_check import Finding
from portal.bids.models import Bid
from portal.bids.rules import REASON_MINIMUM, CheckItem
from portal.bids.terms import (
    BidTerms,
    BudgetCategory,
    BudgetItem,
    Member,
    PlannedMilestone,
    Promise,
    Risk,
)
from portal.challenges.models import Indicator
from portal.core import fields
from portal.core.errors import Invalid, InvalidInput
from portal.core.fields import PortalForm, RowForm
from portal.core.files import FileStore
from portal.core.money import FundSource
from portal.core.web import translated
from portal.core.words import N_

NEEDED = ("title", "summary", "route", "risks", "document")
"""What a draft may lack but a submitted bid may not: not marked as optional."""


class MemberRow(RowForm):
    """A person of the team."""

    name = fields.line(N_("Name"), 100, required=False)
    organisation = fields.line(N_("Organisation"), required=False)
    duty = fields.line(N_("Task"), required=False)
    share = fields.whole(N_("Working time in percent"), 1, 100, required=False)


class PromiseRow(RowForm):
    """The answer to one indicator; there are as many rows as indicators, blank or not."""

    value = fields.number(N_("Promised value"), required=False)
    how = fields.line(N_("How it will be reached"), 1000, required=False)

    def is_blank(self) -> bool:
        """Never: the row belongs to its indicator."""
        return False


class MilestoneRow(RowForm):
    """A milestone of the plan."""

    month = fields.whole(N_("Month"), 1, 600, required=False)
    title = fields.line(N_("Milestone"), required=False)
    deliverable = fields.line(N_("What will be shown"), 500, required=False)
    share = fields.whole(N_("Share of public money in percent"), 1, 100, required=False)


class BidForm(PortalForm):
    """All of a bid, in sections; a draft may lack anything."""

    refused = False
    """Whether the bid takes no change at all, whatever was typed."""
    seen = HiddenField()
    title = fields.line(N_("Title of the bid"), required=False)
    summary = fields.prose(N_("Summary"), 3000, required=False)
    route = fields.prose(N_("Technical route"), 20000, required=False)
    risks = fields.prose(N_("Risks and how they are met"), 8000, required=False)
    members = fields.rows(N_("People"), MemberRow, blank=2, most=100)
    promises = fields.rows(N_("Promised indicators"), PromiseRow, blank=0, most=200)
    milestones = fields.rows(N_("Milestones"), MilestoneRow, blank=2)
    budget_city = fields.money(N_("City funds"), required=False)
    budget_district = fields.money(N_("District funds"), required=False)
    budget_enterprise = fields.money(N_("Enterprise's own funds"), required=False)
    budget_social = fields.money(N_("Social capital"), required=False)
    document = fields.upload(N_("Bid document (PDF)"), required=False)

    def fit(self, indicators: list[Indicator]) -> None:
        """Give the form the rows of its challenge."""
        while len(self.promises.entries) < len(indicators):
            self.promises.append_entry()
        while len(self.promises.entries) > len(indicators):
            self.promises.pop_entry()
        for name in NEEDED:
            self[name].flags.required = True

    def place(self, error: Invalid | InvalidInput) -> None:
        """Put each problem at its field; what concerns the whole page goes above the form."""
        problems = error.problems if isinstance(error, InvalidInput) else [error]
        whole = [problem for problem in problems if _is_whole(problem)]
        self.form_errors.extend(translated(problem.message) for problem in whole)
        super().place(InvalidInput([p for p in problems if not _is_whole(p)]))

    def links(self, problems: list[Invalid]) -> list[tuple[str, str, Invalid]]:
        """Each problem with the id and the label of the field at which it is to be solved."""
        found = []
        for problem in problems:
            if problem.field.startswith("partners"):
                continue
            field = self._find(problem.field.split("."))
            found.append((field.id, field.label.text, problem))
        return found

    def terms(self, indicators: list[Indicator]) -> BidTerms:
        """What was typed, for the service; a number not typed is 0 until it is."""
        return BidTerms(
            title=self.title.data,
            summary=self.summary.data,
            route=self.route.data,
            risks=(Risk(self.risks.data, None, None, ""),) if self.risks.data else (),
            members=tuple(
                Member(r.name.data, r.organisation.data, r.duty.data, r.share.data or 0)
                for r in self.members.filled
            ),
            promises=tuple(
                Promise(indicator.id, row.form.value.data, row.form.how.data)
                for indicator, row in zip(indicators, self.promises.entries, strict=True)
                if row.form.value.data is not None or row.form.how.data
            ),
            milestones=tuple(
                PlannedMilestone(
                    r.month.data or 0, r.title.data, r.deliverable.data, r.share.data or 0
                )
                for r in self.milestones.filled
            ),
            items=tuple(
                BudgetItem(1, BudgetCategory.OTHER, source, self[f"budget_{source.value}"].data)
                for source in FundSource
                if self[f"budget_{source.value}"].data is not None
            ),
        )

    def total(self) -> Decimal:
        """What was typed so far for all sources, in yuan."""
        amounts = (self[f"budget_{source.value}"].data for source in FundSource)
        return sum((amount for amount in amounts if amount is not None), Decimal(0))

    def last_seen(self) -> datetime | None:
        """When the page's content was saved; nonsense counts as unknown."""
        try:
            moment = datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None
        return moment if moment.tzinfo else None


def _is_whole(problem: Invalid) -> bool:
    """Whether it concerns the whole bid or the team's page, and no field of the editor."""
    return problem.field == "seen" or problem.field.startswith("partners")


def stored(bid: Bid) -> dict[str, Any]:
    """A stored bid as the editor shows it."""
    terms = bid.terms
    promises = {promise.indicator_id: promise for promise in terms.promises}
    amounts: dict[FundSource, Decimal] = {line.source: line.amount for line in terms.budget}
    return {
        "seen": bid.changed_at.isoformat(),
        "title": terms.title,
        "summary": terms.summary,
        "route": terms.route,
        "risks": "\n".join(row.risk for row in terms.risks),
        "members": [{**vars(row), "share": row.share or None} for row in terms.members],
        "promises": [
            {"value": promise.value, "how": promise.how} if promise else {}
            for promise in (promises.get(row.id) for row in bid.challenge.indicators)
        ],
        "milestones": [
            {**vars(row), "month": row.month or None, "share": row.share or None}
            for row in terms.milestones
        ],
        **{f"budget_{source.value}": amount for source, amount in amounts.items()},
    }


def _verdict(item: CheckItem) -> RadioField:
    return RadioField(
        lazy_gettext(item.label),
        [InputRequired(lazy_gettext(N_("Please say whether this holds.")))],
        choices=[
            SelectChoice(value="yes", label=lazy_gettext(N_("holds"))),
            SelectChoice(value="no", label=lazy_gettext(N_("does not hold"))),
        ],
    )


def _remark() -> Any:
    return fields.prose(N_("Remark"), 2000, required=False)


class CheckForm(PortalForm):
    """The formal check: each item of the list, with a remark."""

    lead_holds, lead_remark = _verdict(CheckItem.LEAD), _remark()
    team_holds, team_remark = _verdict(CheckItem.TEAM), _remark()
    indicators_holds, indicators_remark = _verdict(CheckItem.INDICATORS), _remark()
    budget_holds, budget_remark = _verdict(CheckItem.BUDGET), _remark()
    document_holds, document_remark = _verdict(CheckItem.DOCUMENT), _remark()

    def findings(self) -> dict[CheckItem, Finding]:
        """What the officer found, for the service."""
        return {
            item: Finding(
                self[f"{item.value}_holds"].data == "yes", self[f"{item.value}_remark"].data
            )
            for item in CheckItem
        }


def checks(bid: Bid, store: FileStore) -> CheckForm:
    """The check as it was recorded, or with what the rules find."""
    recorded = {check.item: (check.holds, check.remark) for check in bid.checks}
    computed = {} if recorded else queries.pre_findings(bid, store)
    data: dict[str, str] = {}
    for item in CheckItem:
        holds, remark = recorded.get(item) or (computed[item].holds, "")
        data[f"{item.value}_holds"] = "yes" if holds else "no"
        data[f"{item.value}_remark"] = remark
    return CheckForm(formdata=None, data=data)


class FailForm(PortalForm):
    """Why a challenge ends without an award."""

    reason = fields.prose(N_("Reason"), 2000, minimum=REASON_MINIMUM)
