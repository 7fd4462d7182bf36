"""The formal check, and the closing of a challenge; shape only, rules decide."""

from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.bids import queries
from portal.bids.formal_check import Finding
from portal.bids.models import Bid
from portal.bids.rules import REASON_MINIMUM, CheckItem
from portal.core import fields
from portal.core.fields import PortalForm
from portal.core.files import FileStore
from portal.core.words import N_


def _verdict(item: CheckItem) -> RadioField:
    return RadioField(
        lazy_gettext(item.label),
        [InputRequired(lazy_gettext(N_("Please say whether this holds.")))],
        choices=[
            SelectChoice(value="yes", label=lazy_gettext(N_("holds"))),
            SelectChoice(value="no", label=lazy_gettext(N_("does not hold"))),
        ],
    )


def _remark() -> Any:
    return fields.prose(N_("Remark"), 2000, required=False)


class CheckForm(PortalForm):
    """The formal check: each item of the list, with a remark."""

    lead_holds, lead_remark = _verdict(CheckItem.LEAD), _remark()
    team_holds, team_remark = _verdict(CheckItem.TEAM), _remark()
    indicators_holds, indicators_remark = _verdict(CheckItem.INDICATORS), _remark()
    budget_holds, budget_remark = _verdict(CheckItem.BUDGET), _remark()
    document_holds, document_remark = _verdict(CheckItem.DOCUMENT), _remark()

    def findings(self) -> dict[CheckItem, Finding]:
        """What the officer found, for the service."""
        return {
            item: Finding(
                self[f"{item.value}_holds"].data == "yes", self[f"{item.value}_remark"].data
            )
            for item in CheckItem
        }


def checks(bid: Bid, store: FileStore) -> CheckForm:
    """The check as it was recorded, or with what the rules find."""
    recorded = {check.item: (check.holds, check.remark) for check in bid.checks}
    computed = {} if recorded else queries.pre_findings(bid, store)
    data: dict[str, str] = {}
    for item in CheckItem:
        holds, remark = recorded.get(item) or (computed[item].holds, "")
        data[f"{item.value}_holds"] = "yes" if holds else "no"
        data[f"{item.value}_remark"] = remark
    return CheckForm(formdata=None, data=data)


class FailForm(PortalForm):
    """Why a challenge ends without an award."""

    reason = fields.prose(N_("Reason"), 2000, minimum=REASON_MINIMUM)
