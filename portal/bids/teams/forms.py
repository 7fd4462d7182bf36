"""What is typed on the pages of a team; shape only, rules decide."""

from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.accounts.models import PersonRole
from portal.bids.models import Bid
from portal.bids.teams.rules import MONEY, Access, Offer
from portal.core import fields
from portal.core.fields import Needed, PortalForm
from portal.core.words import N_


def id_or_none(value: object) -> UUID | None:
    """An id out of a select; nonsense counts as none."""
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


class OfferForm(PortalForm):
    """What a partner is asked to do and bring."""

    duty = fields.prose(N_("What it will do"), 1000)
    own_money = fields.money(N_("Own funds that it brings"), required=False)
    social_money = fields.money(N_("Social capital that it brings"), required=False)
    people = fields.line(N_("People that it brings"), 300, required=False)

    def fit(self, bid: Bid) -> Self:
        """Without money in a strict challenge: that is asked on the last page of the bid only."""
        for name in MONEY if bid.is_strict else ():
            del self[name]
        return self

    def offer(self) -> Offer:
        """What was typed, for the service."""
        own, social = (self[name].data if name in self else None for name in MONEY)
        return Offer(self.duty.data, own or Decimal(0), social or Decimal(0), self.people.data)


class InviteForm(OfferForm):
    """Who is asked, and for what."""

    who = fields.line(N_("Full name, code, or the e-mail address of a person"), 254)


class PersonForm(PortalForm):
    """A person of the team's organisations, and their access."""

    person = SelectField(
        lazy_gettext(N_("Person")), [Needed()], coerce=id_or_none, choices=[], validate_choice=False
    )
    access = fields.choice(N_("Access"), Access)

    def fit(self, people: list[PersonRole]) -> None:
        """Give the form those who may be named."""
        none = SelectChoice(value="", label=lazy_gettext(N_("Please choose")))
        self.person.choices = [
            none,
            *(
                SelectChoice(
                    value=str(row.person_id), label=f"{row.person.name} · {row.organisation.name}"
                )
                for row in people
            ),
        ]


def stored(offer: Offer) -> dict[str, Any]:
    """An offer as the form shows it."""
    return {
        "duty": offer.duty,
        "own_money": offer.own_money or None,
        "social_money": offer.social_money or None,
        "people": offer.people,
    }
