"""What is typed about an amendment."""

from decimal import Decimal
from typing import Any

from portal.challenges.amendments.models import Amendment
from portal.challenges.amendments.versions import facts_in, rules_in
from portal.challenges.forms import ChallengeForm
from portal.challenges.rules import REASON_MINIMUM
from portal.challenges.settings import RANGES, ReviewMethod
from portal.challenges.sheet import PARTS, PLAIN
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.money import FundSource
from portal.core.words import N_

RULES = ("winners", "race", "pass_mark", "review_method", "partners_max", "own_ratio_min")
"""The settings that an amendment may change; windows and counts stay as they were published."""


def _bounds(name: str) -> tuple[Decimal, Decimal]:
    low, high = RANGES[name]
    return Decimal(low), Decimal(high)


class AmendedSheetForm(ChallengeForm):
    """The whole sheet with the rules that an amendment may change."""

    winners = fields.whole(N_("Number of winners"), *RANGES["winners"])
    race = fields.flag(N_("The winners race each other"))
    pass_mark = fields.number(N_("Pass mark"), *_bounds("pass_mark"))
    review_method = fields.choice(N_("How bids are reviewed"), ReviewMethod)
    partners_max = fields.whole(N_("Partners at most"), *RANGES["partners_max"])
    own_ratio_min = fields.number(
        N_("Own money to public money, at least"), *_bounds("own_ratio_min")
    )

    def changes(self) -> dict[str, Any]:
        """What was typed, for the service."""
        rules = {name: _plain(self[name].data) for name in RULES}
        return {**super().changes(), "settings": rules}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal | ReviewMethod) else value


def stored(amendment: Amendment) -> dict[str, object]:
    """The amended sheet as its editor shows it."""
    facts, rules = facts_in(amendment.sheet), rules_in(amendment.sheet)
    return {
        **{name: getattr(facts, name) for name in PLAIN if name not in (*PARTS, "settings")},
        **{name: getattr(rules, name) for name in RULES},
        **{source.value: facts.funds.get(source, Decimal(0)) for source in FundSource},
        "indicators": [{**vars(row), "wish": not row.mandatory} for row in facts.indicators],
        "criteria": [vars(row) for row in facts.criteria],
        "revision": amendment.revision,
    }


class ReasonForm(PortalForm):
    """Why a challenge is amended; the public reads it."""

    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


class ExtensionForm(PortalForm):
    """A later deadline, and why."""

    closes_at = fields.moment(N_("New deadline (Beijing time)"))
    reason = fields.prose(N_("Reason"), 1000, minimum=REASON_MINIMUM)


class RemarksForm(PortalForm):
    """Why the second officer gives an amendment back."""

    remarks = fields.prose(N_("Remarks"), 1000, required=False)
