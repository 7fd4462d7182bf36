"""Choosing custodians, asking for a share, typing it; shape only, rules decide."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.challenges.keys.rules import HOLDERS, Body, Candidate, field_of
from portal.core import fields
from portal.core.fields import Needed, PortalForm
from portal.core.words import N_


class NamingForm(PortalForm):
    """One custodian for each of the three bodies."""

    issuer = SelectField(lazy_gettext(N_("Issuing body")), [Needed()])
    audit = SelectField(lazy_gettext(N_("Audit or discipline inspection")), [Needed()])
    escrow = SelectField(lazy_gettext(N_("Independent custodian")), [Needed()])

    def offer(self, found: Mapping[Body, Sequence[Candidate]]) -> None:
        """Who may be chosen; nobody at first."""
        nobody = SelectChoice(value="", label=lazy_gettext(N_("Please choose")))
        for body, people in found.items():
            self[body.value].choices = [nobody, *(_choice(one) for one in people)]

    def select(self, holder: int, person_id: UUID) -> None:
        """Choose somebody beforehand, if they are still there to be chosen."""
        field = self[field_of(holder)]
        if any(one.value == str(person_id) for one in field.choices):
            field.data = str(person_id)

    def chosen(self) -> dict[int, UUID | None]:
        """The people chosen, by holder."""
        return {holder: _id(self[field_of(holder)].data) for holder in HOLDERS}


def _choice(one: Candidate) -> SelectChoice:
    return SelectChoice(value=str(one.person_id), label=f"{one.organisation} · {one.name}")


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None


class TakeForm(PortalForm):
    """The custodian's own password, before a share is shown."""

    password = fields.secret(N_("Your password"))


class ProveForm(PortalForm):
    """The share as it is printed."""

    share = fields.prose(N_("Share, as it is printed"), 400)
