"""The editor of a call."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext
from wtforms import SelectField

from portal.challenges.calls.rules import FIRST_YEAR, LAST_YEAR, CallFacts
from portal.challenges.models import Call
from portal.challenges.setting_fields import (
    DateFields,
    LimitFields,
    RankingFields,
    ReviewFields,
    TeamFields,
    WinnersFields,
    chosen,
)
from portal.challenges.settings import Settings
from portal.core import fields
from portal.core.fields import Needed
from portal.core.words import N_


class CallForm(WinnersFields, TeamFields, LimitFields, ReviewFields, RankingFields, DateFields):
    """A call with the settings that its challenges begin with."""

    title = fields.line(N_("Title of the call"))
    year = fields.whole(N_("Year"), FIRST_YEAR, LAST_YEAR)
    cluster = SelectField(lazy_gettext(N_("Cluster")), [Needed()])
    introduction = fields.prose(N_("Introduction"), required=False)
    common_rules = fields.prose(N_("Rules of the whole call"), required=False)
    closes_at = fields.moment(N_("Usual deadline for bids (Beijing time)"), required=False)
    revision = fields.whole(N_("Edition"), 0, 1 << 40, required=False)

    def facts(self, issuer_id: UUID, number: str, before: Settings) -> CallFacts:
        """What was typed, for the service."""
        return CallFacts(
            cluster_id=UUID(self.cluster.data),
            issuer_id=issuer_id,
            number=number,
            title=self.title.data,
            year=self.year.data,
            settings=chosen(self, before),
            introduction=self.introduction.data,
            common_rules=self.common_rules.data,
            closes_at=self.closes_at.data,
        )


class NewCallForm(CallForm):
    """The editor with what is fixed from the beginning."""

    number = fields.line(N_("Number of the call"), 36)
    issuer = SelectField(lazy_gettext(N_("Issued by")), [Needed()])


def stored(call: Call) -> dict[str, Any]:
    """A stored call as the editor shows it."""
    same = ("title", "year", "introduction", "common_rules", "closes_at", "revision")
    values = {name: getattr(call, name) for name in same}
    return {**vars(call.usual), **values, "cluster": str(call.cluster_id)}


def usual(year: int) -> dict[str, Any]:
    """What a new call begins with."""
    return {**vars(Settings()), "year": year}
