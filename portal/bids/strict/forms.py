"""The last page of a strict bid, and the files that a team brings back; shape only, rules decide."""

from typing import Any

from wtforms import HiddenField

from portal.bids.models import Bid
from portal.bids.sections.forms import BudgetForm, PeopleForm
from portal.bids.terms import BidTerms
from portal.core import fields
from portal.core.db import Json
from portal.core.fields import PortalForm
from portal.core.words import N_

LARGEST_SAVED = 16 << 20
"""Bytes of a saved file; a long bid has two or three hundred thousand."""


class LastForm(BudgetForm, PeopleForm):
    """Money and key people, with the draft that they complete; nothing of it is kept between pages."""

    draft = HiddenField()
    saved = fields.upload(N_("The file that you saved"), required=False)

    def content(self, bid: Bid) -> Json:
        """What was typed."""
        return {**BudgetForm.content(self, bid), **PeopleForm.content(self, bid)}

    @classmethod
    def stored(cls, terms: BidTerms, bid: Bid) -> dict[str, Any]:
        """Money and people as the page shows them."""
        return {**BudgetForm.stored(terms, bid), **PeopleForm.stored(terms, bid)}


class SavedForm(PortalForm):
    """The file that was saved when a version was handed in."""

    saved = fields.upload(N_("The file that you saved"))


class SealedForm(PortalForm):
    """A bid that was sealed on the bidder's own machine."""

    sealed = fields.upload(N_("Sealed file"))
    commit = fields.line(N_("Fingerprint of the content"), 64)
