"""What a partner is asked to do and bring, and the text that it agrees to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.core.crypto import canonical, sha256
from portal.core.errors import Invalid
from portal.core.states import Move, Moves
from portal.core.words import N_, Worded


class InvitationState(Worded):
    """Where an invitation to somebody without an account stands."""

    SENT = "sent", N_("waits for its registration")
    USED = "used", N_("taken up")
    WITHDRAWN = "withdrawn", N_("withdrawn")


_I = InvitationState
_LEAD = N_("lead of the team")
INVITATION_MOVES = Moves(
    "invitation",
    _I.SENT,
    Move(_I.SENT, "use", _I.USED, N_("whoever holds the link"), N_("once; before the deadline")),
    Move(_I.SENT, "withdraw", _I.WITHDRAWN, _LEAD),
)


class Access(Worded):
    """What a named person of the team may do with the bid."""

    READ = "read", N_("reads")
    WRITE = "write", N_("reads, and writes the sections given to them")


MONEY = ("own_money", "social_money")
"""What an offer tells of money."""
NO_MONEY = N_("Under strict sealing money is told on the last page of the bid only, not here.")


@dataclass(frozen=True)
class Offer:
    """What an organisation is asked to do and to bring; money in yuan."""

    duty: str
    own_money: Decimal = Decimal(0)
    social_money: Decimal = Decimal(0)
    people: str = ""

    def to_json(self) -> dict[str, str]:
        """Plain JSON; money as text, to the cent."""
        return {
            "duty": self.duty,
            "own_money": f"{self.own_money:.2f}",
            "social_money": f"{self.social_money:.2f}",
            "people": self.people,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> "Offer":
        """The offer as it was kept."""
        own, social = Decimal(kept["own_money"]), Decimal(kept["social_money"])
        return cls(kept["duty"], own, social, kept["people"])

    def stripped(self) -> "Offer":
        """Without blanks around its texts."""
        return replace(self, duty=self.duty.strip(), people=self.people.strip())


@dataclass(frozen=True)
class TeamPlace:
    """A person who may act on a bid, for which organisation, and whether they may write."""

    person_id: UUID
    organisation_id: UUID
    writes: bool


def text_of(offer: Offer, challenge: str, lead: str, partner: str) -> dict[str, Any]:
    """All that a partner agrees to, as it is kept: nothing else than what its page shows."""
    return {
        "challenge": challenge,
        "lead": lead,
        "partner": partner,
        **offer.to_json(),
    }


def digest_of(text: dict[str, Any]) -> str:
    """The fingerprint of such a text."""
    return sha256(canonical(text))


def offer_problems(offer: Offer, is_strict: bool = False) -> list[Invalid]:
    """What is wrong with an offer, each at its field; under strict sealing it tells no money."""
    found = []
    if is_strict and any(getattr(offer, name) for name in MONEY):
        found.append(Invalid("duty", NO_MONEY))
    if not offer.duty.strip():
        found.append(Invalid("duty", N_("Write what this organisation will do.")))
    for name in MONEY:
        if getattr(offer, name) < 0:
            found.append(Invalid(name, N_("This must not be negative.")))
    return found
