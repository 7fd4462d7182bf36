"""Forms of milestones."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import FieldList, Form, FormField, HiddenField, RadioField
from wtforms.validators import InputRequired

from portal.core import days, fields
from portal.core.fields import PortalForm
from portal.core.several import several
from portal.core.words import N_
from portal.projects.milestones import reporting
from portal.projects.milestones.models import Milestone
from portal.projects.milestones.reporting import Shown
from portal.projects.milestones.rules import Verdict
from portal.projects.milestones.visiting import Seen
from portal.projects.models import ContractIndicator


class ValueForm(Form):
    """What one indicator has reached, with the file that shows it."""

    indicator = HiddenField()
    value = fields.number(N_("Value reached"), required=False)
    how = fields.line(N_("How it was found"), 500, required=False)
    file = fields.upload(N_("Evidence (PDF or picture)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.value.flags.required = True  # a rule asks for it; a draft may lack it


class ReportForm(PortalForm):
    """What a milestone has shown: words, a value for each of its indicators, files."""

    report = fields.prose(N_("What was shown"), 5000, minimum=20)
    values = FieldList(FormField(ValueForm))
    evidence = several(N_("Evidence (PDF or pictures)"))
    seen = HiddenField()

    @property
    def shown(self) -> list[Shown]:
        """What the rows say; one about nothing is left out."""
        found = []
        for entry in self.values.entries:
            row = entry.form
            with suppress(ValueError):
                told = row.value.data, row.how.data or "", row.file.upload
                found.append(Shown(UUID(row.indicator.data or ""), *told))
        return found

    @property
    def revision(self) -> int | None:
        """The revision of the draft that the writer began from."""
        return int(self.seen.data) if str(self.seen.data or "").isdigit() else None

    @classmethod
    def filled(cls, milestone: Milestone, indicators: Sequence[ContractIndicator]) -> "ReportForm":
        """With what was typed before, and a row for each indicator of the milestone."""
        report, typed = reporting.typed_in(milestone)
        rows: list[dict[str, Any]] = []
        for indicator in indicators:
            known = typed.get(indicator.id, Shown(indicator.id))
            rows.append({"indicator": indicator.id, "value": known.value, "how": known.how})
        facts = {"report": report, "values": rows, "seen": milestone.draft_revision}
        return cls(formdata=None, data=facts)


class AcceptForm(PortalForm):
    """A word to the team with the acceptance of a milestone."""

    answer = fields.prose(N_("Remark"), 2000, required=False)


class ReworkForm(PortalForm):
    """What has to be put right, and by when."""

    answer = fields.prose(N_("What is missing"), 2000, minimum=20)
    until = fields.moment(N_("To be reworked by"))


class ReasonForm(PortalForm):
    """Why a milestone fails, or why the project goes on without it."""

    answer = fields.prose(N_("Reason"), 2000, minimum=20)


class VisitForm(PortalForm):
    """A visit to the site."""

    visited_on = days.day(N_("Day of the visit"))
    people = fields.line(N_("Who went"), 200)
    findings = fields.prose(N_("What was found"), 5000, minimum=20)
    photographs = several(N_("Photographs"), required=False)

    @property
    def told(self) -> Seen:
        """What the visit was."""
        return Seen(self.visited_on.data, self.people.data, self.findings.data)


class AskForm(PortalForm):
    """Whom to ask for an opinion, and by when."""

    email = fields.email(N_("E-mail address of the expert"))
    due_at = fields.moment(N_("Answer by"))


class OpinionForm(PortalForm):
    """An expert's opinion on a milestone."""

    verdict = RadioField(
        lazy_gettext(N_("Verdict")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(Verdict),
    )
    words = fields.prose(N_("Reasons of the verdict"), 5000, minimum=20)


class DeclineForm(PortalForm):
    """Why an expert gives no opinion."""

    reason = fields.line(N_("Reason"), 500)
