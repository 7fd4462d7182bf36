"""Forms of races."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import FieldList, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from portal.core import fields
from portal.core.fields import Needed, PortalForm, RowForm
from portal.core.words import N_
from portal.projects.models import Project
from portal.projects.races.rules import Outcome, Verdict


class GateForm(PortalForm):
    """When the lanes are compared, at which milestone, and how many go on."""

    milestone = SelectField(lazy_gettext(N_("Compared at the milestone")), [Needed()], coerce=int)
    due_at = fields.moment(N_("Date of the gate"))
    survivors = fields.whole(N_("How many lanes go on"), 1, 20)
    criteria = fields.prose(N_("What decides"), 3000, minimum=20)

    def at(self, milestones: Sequence[tuple[int, str]]) -> "GateForm":
        """With these milestones to choose from."""
        self.milestone.choices = [
            SelectChoice(value=place, label=name) for place, name in milestones
        ]
        return self


class LaneForm(RowForm):
    """What becomes of one lane."""

    lane = HiddenField()
    outcome = SelectField(lazy_gettext(N_("Outcome")), [Needed()], coerce=str)
    into = SelectField(lazy_gettext(N_("Merges into")), coerce=str)
    reason = fields.prose(N_("Reasons for it"), 3000, minimum=20)


class DecideForm(PortalForm):
    """One line a lane, in the order of the page."""

    lanes = FieldList(FormField(LaneForm))

    def over(self, waiting: Sequence[Project], others: Sequence[Project]) -> "DecideForm":
        """With a line for each waiting lane, and the lanes into which one can merge."""
        for lane in waiting[len(self.lanes.entries) :]:
            self.lanes.append_entry({"lane": str(lane.id)})
        empty = SelectChoice(value="", label="—")
        homes = [empty, *(SelectChoice(value=str(one.id), label=one.code) for one in others)]
        outcomes = [empty, *fields.choices(Outcome)]
        for entry in self.lanes.entries:
            entry.form.outcome.choices, entry.form.into.choices = outcomes, homes
        return self

    def verdicts(self, waiting: Sequence[Project]) -> dict[UUID, Verdict]:
        """What was chosen, by lane; a line of a lane that no longer waits does not count."""
        known = {str(lane.id): lane.id for lane in waiting}
        found = {}
        for entry in self.lanes.entries:
            row = entry.form
            if row.lane.data in known:
                outcome = Outcome(row.outcome.data) if row.outcome.data else None
                into = UUID(row.into.data) if row.into.data else None
                found[known[row.lane.data]] = Verdict(outcome, row.reason.data or "", into)
        return found
