"""Forms of objections: what is objected to, who examines it, and how it is answered."""

from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.awards.objections.rules import ANSWER_DAYS, ANSWER_DAYS_MOST, Effect, ObjectionState
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.several import several
from portal.core.words import N_

NONE = SelectChoice(value="", label="—")


def _id(value: object) -> UUID | None:
    return value if isinstance(value, UUID) else UUID(str(value)) if value else None


class ObjectionForm(PortalForm):
    """What is objected to, with files that prove it."""

    text = fields.prose(N_("What you object to, and why"), 5000, minimum=20)
    evidence = several(N_("Evidence (PDF or pictures)"), required=False)


class ExaminerForm(PortalForm):
    """Who examines; the choices are set by the page, whether they may is for the rules to say."""

    examiner = SelectField(
        lazy_gettext(N_("Examiner")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        coerce=_id,
        validate_choice=False,
    )


class AcceptanceForm(ExaminerForm):
    """Who examines, and within which time."""

    days = fields.whole(
        N_("Working days until the answer"), 1, ANSWER_DAYS_MOST, default=ANSWER_DAYS
    )


class RefusalForm(PortalForm):
    """Why an objection is not taken up."""

    refusal = fields.prose(N_("What its form lacks"), 2000, minimum=20)


class AnswerForm(PortalForm):
    """The answer to an objection."""

    verdict = RadioField(
        lazy_gettext(N_("Outcome")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=fields.choices((ObjectionState.UPHELD, ObjectionState.DISMISSED)),
    )
    effect = SelectField(
        lazy_gettext(N_("What follows, if it is upheld")),
        choices=[NONE, *fields.choices(Effect)],
        coerce=lambda value: Effect(value) if value else None,
        validate_choice=False,
    )
    bid_id = SelectField(
        lazy_gettext(N_("Which bid it is about")), coerce=_id, validate_choice=False
    )
    answer = fields.prose(N_("Answer"), 5000, minimum=20)
    summary = fields.prose(N_("Public summary"), 1000, minimum=20)
