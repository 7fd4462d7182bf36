"""Forms of an assignment: what is asked for, an order, an exchange; shape only."""

from collections.abc import Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import FieldList, FormField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.core import fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.allotment import rules
from portal.reviews.allotment.rules import OrderKind, Wanted
from portal.reviews.allotment.topics import codes_of
from portal.reviews.conflicts.forms import DeclarationForm, NamedTiesForm
from portal.reviews.conflicts.naming import Named
from portal.reviews.pool.rules import Stratum

REQUIRED = InputRequired(lazy_gettext(fields.REQUIRED))


class TopicsRow(RowForm):
    """The disciplines of one challenge."""

    codes = fields.line(N_("Disciplines of its bids"), 300, required=False)


class AskForm(PortalForm):
    """What a solution is to keep to, and what the challenges are about."""

    reviews = fields.whole(N_("Reviewers for each bid"), 1, rules.REVIEWS_MOST)
    load_most = fields.whole(N_("Bids for one expert, at most"), 1, rules.LOAD_MOST, required=False)
    technical = fields.whole(N_("Of them technical, at least"), 0, rules.REVIEWS_MOST)
    industry = fields.whole(N_("Of them from industry, at least"), 0, rules.REVIEWS_MOST)
    finance = fields.whole(N_("Of them from finance, at least"), 0, rules.REVIEWS_MOST)
    fair = fields.flag(N_("The worst-served bid first, then the total"))
    lines = FieldList(FormField(TopicsRow))

    @classmethod
    def of(cls, wanted: Wanted, topics: Sequence[str]) -> Self:
        """The form with a line for each challenge, filled with what was asked for last."""
        minima = {one.value: wanted.minima.get(one.value, 0) for one in Stratum}
        facts = {"reviews": wanted.reviews, "fair": wanted.fair, **minima}
        form = cls(data={**facts, "load_most": wanted.load_most or None})
        while len(form.lines) > len(topics):
            form.lines.pop_entry()
        for codes in topics[len(form.lines) :]:
            form.lines.append_entry({"codes": codes})
        return form

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        minima = {one.value: self[one.value].data for one in Stratum if self[one.value].data}
        return Wanted(self.reviews.data, self.fair.data, self.load_most.data or 0, minima)

    def topics(self, challenges: Sequence[UUID]) -> dict[UUID, list[str]]:
        """Codes by challenge. Raises Invalid."""
        return {
            one: codes_of(line.form.codes.data or "", f"lines.{row}.codes")
            for row, (one, line) in enumerate(zip(challenges, self.lines, strict=True))
        }

    def _find(self, path: Sequence[str]) -> Any:
        """A blank line keeps its number: each stands for one challenge."""
        if path[0] == "lines":
            return self.lines[int(path[1])].form[path[2]]
        return super()._find(path)


class InvitationForm(DeclarationForm, NamedTiesForm):
    """One answer for a call: a line for each bid whose team is shown, and ties by name for the rest."""

    def leave_out_names(self) -> None:
        """No round is blind: each tie is declared at its line."""
        del self.ties
        del self.complete

    @property
    def by_name(self) -> list[Named]:
        """The ties by name; none where nobody is asked for them."""
        return self.named if "ties" in self else []


class OrderForm(PortalForm):
    """Fix an expert to a bid, or rule it out."""

    expert = SelectField(lazy_gettext(N_("Expert")), [REQUIRED], coerce=str)
    kind = RadioField(
        lazy_gettext(N_("From the next solution on")),
        [REQUIRED],
        choices=[
            SelectChoice(value=OrderKind.FIX.value, label=lazy_gettext(N_("reads this bid"))),
            SelectChoice(value=OrderKind.BAN.value, label=lazy_gettext(N_("does not read it"))),
        ],
    )
    reason = fields.prose(N_("Reason"), 500, minimum=rules.REASON_MINIMUM)

    def offer(self, people: Mapping[str, str]) -> None:
        """Whom one may choose, by id."""
        self.expert.choices = [SelectChoice(value=key, label=told) for key, told in people.items()]


class SwapForm(PortalForm):
    """Two experts exchange their bids."""

    own = SelectField(lazy_gettext(N_("This bid's expert")), [REQUIRED], coerce=str)
    other = SelectField(lazy_gettext(N_("exchanges with")), [REQUIRED], coerce=str)
    reason = fields.prose(N_("Reason"), 500, minimum=rules.REASON_MINIMUM)

    def offer(self, own: Mapping[str, str], others: Mapping[str, str]) -> None:
        """Whom one may choose: this bid's experts, and the pairs of others."""
        for field, told in ((self.own, own), (self.other, others)):
            field.choices = [SelectChoice(value=key, label=words) for key, words in told.items()]

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """The other bid and its expert."""
        bid, expert = self.other.data.split(" ")
        return UUID(bid), UUID(expert)
