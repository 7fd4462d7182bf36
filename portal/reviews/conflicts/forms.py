"""Forms of conflicts: the declaration line by line, an officer's entry, a decision, a cooperation."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from wtforms import Field, FieldList, FormField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from portal.bids.models import Bid
from portal.core import days, fields
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.conflicts.coworking import Cooperation
from portal.reviews.conflicts.declaring import NO_TIE, Tie
from portal.reviews.conflicts.naming import Named
from portal.reviews.conflicts.rules import REASON_MINIMUM, TIES, ConflictKind

NONE = "none"


def _tie(chosen: str, words: str | None) -> Tie:
    return NO_TIE if chosen == NONE else Tie(ConflictKind(chosen), words or "")


class DeclarationLine(RowForm):
    """What is declared about one bid."""

    tie = RadioField(
        lazy_gettext(N_("Your tie to this team")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=[
            SelectChoice(value=NONE, label=lazy_gettext(N_("No tie of any kind"))),
            *fields.choices(TIES),
        ],
    )
    words = fields.line(N_("Which tie, to whom"), 500, required=False)

    def is_blank(self) -> bool:
        """Never: each line asks about one bid."""
        return False


class DeclarationForm(PortalForm):
    """A line for each bid, none of them answered beforehand."""

    lines = FieldList(FormField(DeclarationLine))

    @classmethod
    def of(cls, count: int) -> Self:
        """The form with exactly `count` lines, whatever was sent."""
        form = cls()
        while len(form.lines) > count:
            form.lines.pop_entry()
        while len(form.lines) < count:
            form.lines.append_entry()
        return form

    def declared(self, bids: Sequence[Bid]) -> dict[UUID, Tie]:
        """What is declared, by bid."""
        return {
            bid.id: _tie(line.form.tie.data, line.form.words.data)
            for bid, line in zip(bids, self.lines, strict=True)
        }


class NamedLine(RowForm):
    """A tie to somebody: an organisation, a person, or both."""

    kind = SelectField(lazy_gettext(N_("Kind of tie")), choices=fields.choices(TIES))
    organisation = fields.line(N_("Organisation"), 200, required=False)
    name = fields.line(N_("Person"), 100, required=False)
    words = fields.line(N_("Which tie, since when"), 500, required=False)

    def is_blank(self) -> bool:
        """A line on which nothing is written, whatever kind is chosen beforehand."""
        return not (self.organisation.data or self.name.data or self.words.data)


class NamedTiesForm(PortalForm):
    """Ties by name, for a blind round; none is an answer too, but one that is given."""

    ties = fields.rows(N_("My ties"), NamedLine, blank=1)
    complete = fields.flag(N_("I have named every tie that I, my spouse or close kin have."))

    def validate_complete(self, field: Field) -> None:
        """The box is the declaration."""
        if not field.data:
            raise ValidationError(gettext(fields.REQUIRED))

    @property
    def named(self) -> list[Named]:
        """What is declared."""
        return [
            Named(
                ConflictKind(one.kind.data),
                one.organisation.data or "",
                one.name.data or "",
                one.words.data or "",
            )
            for one in self.ties.filled
        ]


class LaterForm(PortalForm):
    """A tie that came to mind after accepting."""

    bid = SelectField(
        lazy_gettext(N_("Bid")), [InputRequired(lazy_gettext(fields.REQUIRED))], coerce=str
    )
    tie = RadioField(
        lazy_gettext(N_("Your tie to this team")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(TIES),
    )
    words = fields.line(N_("Which tie, to whom"), 500, minimum=REASON_MINIMUM)

    @property
    def chosen(self) -> Tie:
        """The tie."""
        return _tie(self.tie.data, self.words.data)


class EntryForm(PortalForm):
    """A conflict that an officer has learned of."""

    email = fields.email(N_("E-mail address of the expert"))
    bid = SelectField(lazy_gettext(N_("Bid")), coerce=str)
    kind = RadioField(
        lazy_gettext(N_("Kind of conflict")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(TIES),
    )
    reason = fields.prose(N_("Reason and evidence"), 1000, minimum=REASON_MINIMUM)

    @property
    def bid_id(self) -> UUID | None:
        """The bid; None for all of them."""
        return UUID(self.bid.data) if self.bid.data else None


class DecisionForm(PortalForm):
    """An officer's decision on a team's wish."""

    granted = RadioField(
        lazy_gettext(N_("Decision")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=[
            SelectChoice(
                value="yes", label=lazy_gettext(N_("Granted: the expert keeps away from this bid"))
            ),
            SelectChoice(value="no", label=lazy_gettext(N_("Refused"))),
        ],
    )
    reason = fields.prose(N_("Reason of the decision"), 1000, minimum=REASON_MINIMUM)


class CoworkingForm(PortalForm):
    """Somebody with whom an expert worked."""

    name = fields.line(N_("Name of the person"), 100)
    organisation = fields.line(N_("Organisation of the person"))
    context = fields.line(N_("Where, or on which project"), 300)
    since = days.day(N_("From"))
    until = days.day(N_("Until (blank: still)"), required=False)
    evidence = fields.prose(N_("Evidence"), 1000, required=False)

    @property
    def told(self) -> Cooperation:
        """What was typed."""
        words = (self.name.data, self.organisation.data, self.context.data)
        return Cooperation(*words, self.since.data, self.until.data, self.evidence.data)
