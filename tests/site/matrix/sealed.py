"""What of a side waits for its opening, does not open, or is strictly sealed."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.bids.gathering.models import Gathering
from portal.bids.losses.models import ShareLoss
from portal.bids.models import Bid
from portal.bids.rules import BidState
from portal.bids.unopened.models import SetAside
from portal.challenges.models import Challenge
from tests.factories.bids import make_bid_challenge
from tests.factories.challenges import make_call
from tests.factories.keys import make_custodians, make_key
from tests.factories.losses import REASON
from tests.factories.strict import STRICT, make_strict_bid

if TYPE_CHECKING:
    from tests.site.matrix.sides import Side

HALF_AN_HOUR = timedelta(minutes=30)
FAULT = {"text": "The sealed bytes were changed.", "parameters": {}}


class Sealed:
    """An opening with custodians elsewhere, a declared loss of shares, bids that did not open."""

    def __init__(self, side: "Side") -> None:
        self.side, self.session, self.now = side, side.session, side.now
        self.gathered, self.lost = self._past(), self._past()
        people = [*make_custodians()[:2], side.custodian]
        make_key(self.gathered, people)
        begun = {"begun_by": side.author.id, "begun_at": side.now}
        gathering = Gathering(challenge=self.gathered, ends_at=side.now + HALF_AN_HOUR, **begun)
        declared = {"declared_by": side.author.id, "declared_at": side.now}
        loss = ShareLoss(challenge=self.lost, reason=REASON, days=5, **declared)
        self.session.add_all([gathering, loss])
        self.faulty, self.aside, self.contested, self.again = (self._unopened() for _ in range(4))
        self._set_aside(self.aside)
        self._set_aside(self.contested, objection=REASON, **self._by_lead("objected"))
        upheld = {**self._by_lead("answered"), "answered_by": side.second.id, "upheld": True}
        self._set_aside(self.again, objection=REASON, **self._by_lead("objected"), **upheld)
        self.again.state = BidState.SUBMITTED
        self.strict = self._strict()

    def _past(self) -> Challenge:
        """In a call of its own: a lead has only so many bids in one."""
        day = timedelta(days=1)
        times = {"published_at": self.now - 60 * day, "closes_at": self.now - day}
        call = make_call(self.side.issuer)
        return make_bid_challenge(call=call, drafted_by=self.side.author.id, keyed=False, **times)

    def _unopened(self) -> Bid:
        challenge = make_bid_challenge(opened=True, call=make_call(self.side.issuer))
        bid = self.side.bid_in(challenge, submitted=True)
        bid.versions[-1].fault = FAULT
        return bid

    def _by_lead(self, act: str) -> dict[str, object]:
        return {f"{act}_by": self.side.lead.id, f"{act}_at": self.now}

    def _set_aside(self, bid: Bid, **facts: object) -> None:
        bid.state = BidState.SET_ASIDE
        made = {"reason": REASON, "decided_by": self.side.author.id, "decided_at": self.now}
        self.session.add(SetAside(bid=bid, **made, **facts))

    def _strict(self) -> Bid:
        call = make_call(self.side.issuer)
        challenge = make_bid_challenge(call=call, settings=STRICT)
        home, by = self.side.lead_home, self.side.lead.id
        return make_strict_bid(challenge=challenge, lead=home, started_by=by)
