"""The forms of owners, officers and experts; shape only, rules decide."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Row
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.challenges.needs.models import Need
from portal.challenges.needs.rules import (
    HIGHEST,
    LOWEST,
    MOST_MERGED,
    NEEDED,
    TEXT_MINIMUM,
    Aspect,
    PainPoint,
    Priority,
)
from portal.challenges.needs.service import NeedFacts
from portal.core import fields
from portal.core.access import Actor
from portal.core.fields import PortalForm
from portal.core.words import N_

PLAIN = ("title", "problem", "site", "existing", "worth", "money", "cluster_id")


def _key(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def _named(rows: Iterable[Any]) -> list[SelectChoice]:
    return [SelectChoice(value=str(row.id), label=row.name) for row in rows]


class BoxesField(SelectMultipleField):
    """Several of a few, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_data(self, value: Any) -> None:
        """Nothing stored is nothing ticked."""
        super().process_data(value or [])

    def pre_validate(self, form: object) -> None:
        """Refuse what is not offered, in the portal's words."""
        offered = {choice[0] for choice in self.iter_choices()}
        if not {str(value) for value in self.data or []} <= {str(one) for one in offered}:
            raise ValidationError(gettext("Please choose from the list."))


class ClusterField(SelectField):
    """A cluster, or none yet."""

    def offer(self, clusters: Iterable[Row[Any]], language: str) -> None:
        """The clusters to choose from."""
        none = SelectChoice(value="", label=lazy_gettext(N_("not known yet")))
        named = [
            SelectChoice(value=str(row.id), label=row.name_en if language == "en" else row.name)
            for row in clusters
        ]
        self.choices = [none, *named]


class NeedForm(PortalForm):
    """What is lacking; a draft may lack all but the title."""

    owner = SelectField(lazy_gettext(N_("Organisation")), coerce=_key)
    title = fields.line(N_("The need in one line"))
    problem = fields.prose(N_("The problem"), 3000, required=False)
    site = fields.line(N_("Where it occurs"), required=False)
    existing = fields.prose(N_("What exists already"), 2000, required=False)
    worth = fields.prose(N_("What a solution would be worth"), 2000, required=False)
    money = fields.money(N_("Money that you would bring"))
    cluster_id = ClusterField(
        lazy_gettext(N_("Cluster that it belongs to")), [Optional()], coerce=_key
    )
    pain_points = BoxesField(
        lazy_gettext(N_("Which obstacle it shows")),
        choices=fields.choices(PainPoint),
        coerce=lambda value: str(value),
    )
    attachment = fields.upload(N_("Attachment (PDF or picture)"), required=False)

    def fit(self, actor: Actor, homes: Iterable[UUID]) -> None:
        """Offer the actor's organisations, and mark what is needed before handing in."""
        names = {m.organisation_id: m.organisation_name for m in actor.memberships}
        offered = sorted(homes)
        self.owner.choices = [SelectChoice(value=str(home), label=names[home]) for home in offered]
        if len(offered) == 1:
            self.owner.data = offered[0]
        for name in (*NEEDED, "pain_points", "owner"):
            self[name].flags.required = True

    def facts(self) -> NeedFacts:
        """What was typed, for the service."""
        points = tuple(point for point in PainPoint if point.value in self.pain_points.data)
        return NeedFacts(**{name: self[name].data for name in PLAIN}, pain_points=points)


class SortForm(PortalForm):
    """Cluster and priority of a need."""

    cluster_id = ClusterField(lazy_gettext(N_("Cluster")), [Optional()], coerce=_key)
    priority = fields.choice(N_("Priority"), Priority)


class CloseForm(PortalForm):
    """Why nothing more comes of a need, or the answer to it."""

    outcome = RadioField(
        lazy_gettext(N_("Outcome for the owner")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        choices=[
            SelectChoice(value="answer", label=lazy_gettext(N_("Answer: there is a way already"))),
            SelectChoice(value="decline", label=lazy_gettext(N_("Not taken up"))),
        ],
    )
    answer = fields.prose(N_("Words to the owner"), 2000, minimum=TEXT_MINIMUM)


class DraftForm(PortalForm):
    """The call for which a challenge is drafted."""

    call = SelectField(lazy_gettext(N_("Call of the challenge")), coerce=_key)

    def offer(self, calls: Iterable[Any]) -> None:
        """The calls of the officer's own body."""
        self.call.choices = [
            SelectChoice(value=str(call.id), label=f"{call.number} {call.title}") for call in calls
        ]
        self.call.flags.required = True


class MergeForm(PortalForm):
    """Which need goes on for the others, and why."""

    need = BoxesField(lazy_gettext(N_("Needs to merge")), coerce=_key)
    into = RadioField(
        lazy_gettext(N_("The need that goes on for all")),
        [InputRequired(lazy_gettext(fields.REQUIRED))],
        coerce=_key,
    )
    answer = fields.prose(N_("Reason, for the owners"), 2000, minimum=TEXT_MINIMUM)

    def ticked(self) -> list[UUID]:
        """The needs that were ticked on the board; nonsense counts as none."""
        return [key for key in (self.need.data or [])[:MOST_MERGED] if key]

    def offer(self, needs: Sequence[Need]) -> None:
        """The needs that can be chosen from."""
        choices = [SelectChoice(value=str(n.id), label=f"{n.code} {n.title}") for n in needs]
        self.need.choices = self.into.choices = choices
        self.need.flags.required = True


class AskForm(PortalForm):
    """Which experts are asked."""

    experts = BoxesField(lazy_gettext(N_("Experts to ask")), coerce=_key)

    def offer(self, people: Iterable[Row[Any]]) -> None:
        """The experts that were found."""
        self.experts.choices = [
            SelectChoice(value=str(p.id), label=f"{p.name} · {p.organisation}") for p in people
        ]
        self.experts.flags.required = True


def _rating(aspect: Aspect) -> Any:
    return RadioField(
        lazy_gettext(aspect.label),
        [fields.Needed(), Optional()],
        choices=[SelectChoice(value=str(n), label=str(n)) for n in range(LOWEST, HIGHEST + 1)],
    )


class OpinionForm(PortalForm):
    """An expert's ratings and reason."""

    drive = _rating(Aspect.DRIVE)
    base = _rating(Aspect.BASE)
    testable = _rating(Aspect.TESTABLE)
    finance = _rating(Aspect.FINANCE)
    words = fields.prose(N_("Your opinion in words"), 2000, minimum=TEXT_MINIMUM)

    def ratings(self) -> dict[Aspect, int | None]:
        """The ratings, for the service."""
        typed = {aspect: self[aspect.value].data for aspect in Aspect}
        return {aspect: int(value) if value else None for aspect, value in typed.items()}


class RefuseForm(PortalForm):
    """Why an expert gives no opinion."""

    words = fields.line(N_("Reason (conflict of interest, no time)"), 500)


def stored(need: Need) -> dict[str, object]:
    """A stored need as its form shows it."""
    values = {name: getattr(need, name) for name in PLAIN}
    return {**values, "owner": need.owner_id, "pain_points": need.pain_points}
