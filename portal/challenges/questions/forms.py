"""The forms of whoever asks and of the officer who answers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.challenges.questions.models import Question
from portal.challenges.questions.rules import TEXT_MINIMUM
from portal.challenges.questions.service import AnswerFacts
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.words import N_

EXCERPT = 120


class AskForm(PortalForm):
    """A question."""

    text = fields.prose(N_("Your question"), 2000, minimum=TEXT_MINIMUM)


class AnswerForm(PortalForm):
    """A question as it is published, and the answer; a draft may be empty."""

    wording = fields.prose(N_("The question as it is published"), 2000, required=False)
    answer = fields.prose(N_("Public answer"), 5000, required=False)
    amends = fields.flag(N_("The answer changes what is asked for: an amendment follows"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for field in (self.wording, self.answer):
            field.flags.required = True

    def facts(self) -> AnswerFacts:
        """What was typed, for the service."""
        return AnswerFacts(self.wording.data or "", self.answer.data or "", self.amends.data)


def _key(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


class SameForm(PortalForm):
    """Which other question this one is answered with."""

    other = RadioField(
        lazy_gettext(N_("The other question")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        coerce=_key,
    )

    def offer(self, others: Iterable[Question]) -> None:
        """The challenge's other questions, the most similar first."""
        self.other.choices = [SelectChoice(value=str(o.id), label=_named(o)) for o in others]


class LinkForm(PortalForm):
    """The amendment in which an answer went."""

    number = fields.whole(N_("Number of the amendment"), 1, 9999)


def _named(question: Question) -> str:
    text = question.wording or question.text
    short = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
    return f"{question.number}. {short}" if question.number else short


def stored(question: Question) -> dict[str, object]:
    """A question as the answering form shows it."""
    wording = question.wording or question.text
    return {"wording": wording, "answer": question.answer, "amends": question.amends}
