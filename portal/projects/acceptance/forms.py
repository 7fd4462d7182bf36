"""Forms of measuring and acceptance."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self, cast
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import Field, FieldList, Form, FormField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.challenges.needs.forms import BoxesField
from portal.core import fields
from portal.core.days import day
from portal.core.fields import PortalForm
from portal.core.money import FundSource
from portal.core.words import N_
from portal.projects.acceptance.requesting import Claimed, Request
from portal.projects.acceptance.rules import Conclusion, Measurement, PaperKind, Verdict


def _key(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


class MeasureForm(PortalForm):
    """What one indicator measured, and how."""

    indicator = HiddenField(filters=[_key])
    value = fields.number(N_("Measured value"), required=False)
    met = RadioField(
        lazy_gettext(N_("Is it met?")),
        [Optional()],
        choices=fields.choices(Verdict),
    )
    how = fields.prose(N_("How it was measured"), 2000, minimum=20)
    tester = fields.line(N_("Tested by"), 200)
    tested_on = day(N_("Tested on"))
    evidence = fields.UploadField(lazy_gettext(N_("Evidence (PDF or picture)")), [fields.Needed()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in (self.value, self.met):
            one.flags.required = True  # a rule asks for the one that fits the indicator

    @property
    def told(self) -> Measurement:
        """What was typed."""
        verdict = Verdict(self.met.data) if self.met.data else None
        tested_on = self.tested_on.data
        return Measurement(
            self.value.data, verdict, self.how.data or "", self.tester.data or "", tested_on
        )


class ClaimForm(Form):
    """What the lead says of one indicator."""

    value = fields.number(N_("Value reached"), required=False)
    verdict = SelectField(
        lazy_gettext(N_("Is it met?")),
        [Optional()],
        choices=[SelectChoice("", ""), *fields.choices(Verdict)],
    )
    words = fields.line(N_("Remark"), 1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in (self.value, self.verdict):
            one.flags.required = True  # a rule asks for the one that fits the indicator


def _paper(kind: PaperKind) -> Any:
    """A document that a rule asks for, unless it was handed in before."""
    return fields.UploadField(lazy_gettext(kind.label), [fields.Needed()])


class RequestForm(PortalForm):
    """What a lead hands in for acceptance."""

    summary = fields.prose(N_("What the project has achieved"), 5000, minimum=20)
    tester = fields.line(N_("Who tested (third party)"), 200)
    claims = FieldList(FormField(ClaimForm), max_entries=100)
    technical = _paper(PaperKind.TECHNICAL)
    test = _paper(PaperKind.TEST)
    user = _paper(PaperKind.USER)
    finance = _paper(PaperKind.FINANCE)
    deliverables = _paper(PaperKind.DELIVERABLES)
    spent_city = fields.money(N_("Spent"), required=False)
    spent_district = fields.money(N_("Spent"), required=False)
    spent_enterprise = fields.money(N_("Spent"), required=False)
    spent_social = fields.money(N_("Spent"), required=False)

    def with_claims(self, number: int) -> Self:
        """As many claims as there are indicators, whatever was sent."""
        while len(self.claims.entries) < number:
            self.claims.append_entry()
        del self.claims.entries[number:]
        return self

    def told(self) -> Request:
        """What was typed and chosen."""
        claims = [entry.form for entry in self.claims.entries]
        uploads = {kind: self[kind.value].upload for kind in PaperKind}
        return Request(
            summary=self.summary.data or "",
            tester=self.tester.data or "",
            claims=[_claimed(one) for one in claims],
            papers={kind: upload for kind, upload in uploads.items() if upload},
            spent={one: self.spent(one).data or Decimal(0) for one in FundSource},
        )

    def spent(self, source: FundSource) -> Field:
        """The field for what was spent from a source."""
        return cast(Field, self[f"spent_{source.value}"])


def _claimed(form: Any) -> Claimed:
    verdict = Verdict(form.verdict.data) if form.verdict.data else None
    return Claimed(form.value.data, verdict, form.words.data or "")


class MissingForm(PortalForm):
    """What a request for acceptance lacks."""

    missing = fields.prose(N_("What is missing"), 2000, minimum=20)


class ExpertsForm(PortalForm):
    """Who examines, and who of them leads."""

    experts = BoxesField(lazy_gettext(N_("Experts")), [fields.Needed()], coerce=str)
    chair = SelectField(
        lazy_gettext(N_("Chair of the experts")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        coerce=str,
    )

    def offering(self, people: Iterable[tuple[str, str]]) -> Self:
        """With those who can be named, by id and words."""
        known = [SelectChoice(key, words) for key, words in people]
        self.experts.choices, self.chair.choices = known, [SelectChoice("", "—"), *known]
        return self


class OpinionForm(PortalForm):
    """What an expert thinks."""

    opinion = RadioField(
        lazy_gettext(N_("Opinion")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(Conclusion),
    )
    words = fields.prose(N_("Reasons of the opinion"), 5000, minimum=20)


class JointForm(PortalForm):
    """What the experts agree on."""

    joint = RadioField(
        lazy_gettext(N_("Joint opinion")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(Conclusion),
    )
    joint_words = fields.prose(N_("Joint opinion in words"), 5000, minimum=20)


class LeaveForm(PortalForm):
    """Why an expert steps back."""

    reason = fields.prose(N_("Reason"), 1000, minimum=20)


class SurplusForm(PortalForm):
    """The voucher under which surplus went back."""

    voucher = fields.line(N_("Voucher number"), 100)


class ConcludeForm(PortalForm):
    """How the acceptance ends."""

    verdict = RadioField(
        lazy_gettext(N_("Conclusion")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices(Conclusion),
    )
    conclusion = fields.prose(N_("Reasons of the conclusion"), 5000, minimum=20)
    effect = fields.prose(N_("Effect on the site"), 5000, required=False)
    consequences = fields.prose(
        N_("What has to be improved, or what follows"), 5000, required=False
    )
    again_by = day(N_("Second examination to be requested by"), required=False)
