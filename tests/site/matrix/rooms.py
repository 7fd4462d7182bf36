"""What of a side is in the rooms of review: the pool, conflicts, wishes and draws."""

from typing import TYPE_CHECKING

from portal.accounts.rules import UNCLAIMED
from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.models import Challenge
from portal.core.access import SYSTEM, Role
from portal.core.files import StoredFile
from portal.reviews.draws.models import Draw, DrawParty
from portal.reviews.draws.rules import DrawState, SourceKind, Standing
from portal.reviews.pool.exchange import exporting
from portal.reviews.pool.rules import PoolState
from tests.factories.accounts import make_person
from tests.factories.allotments import make_kept_scenario
from tests.factories.bids import make_bid_challenge, make_document
from tests.factories.conflicts import make_coworking, make_wish
from tests.factories.draws import make_drawn
from tests.factories.pool_rounds import make_pool_seat
from tests.factories.reviews import make_reviewer

if TYPE_CHECKING:
    from tests.site.matrix.sides import Side

ZEROS = "0" * 64


class Rooms:
    """Experts in each state, a list of experts, a cooperation, a wish, and two draws."""

    def __init__(self, side: "Side") -> None:
        self.side, self.session, self.now = side, side.session, side.now
        self.proposed = make_reviewer(state=PoolState.PROPOSED)
        self.resting = make_reviewer(state=PoolState.RESTING)
        self.newcomer = make_person(Role.REVIEWER, password_hash=UNCLAIMED)
        self.list = self._list()
        self.coworking = make_coworking(side.expert, "周工", "某研究院")
        self.wish = make_wish(side.ready, side.expert).versions[-1].avoids[0]
        self.drawn = self._drawn()
        self.pair = make_kept_scenario(side.call, side.ready, side.expert, side.author)
        make_pool_seat(side.call, side.expert, side.author)
        self.frozen = self._frozen().challenge

    def _challenge(self) -> Challenge:
        return make_bid_challenge(opened=True, call=self.side.call)

    def _drawn(self) -> Challenge:
        """Whose order has nobody left; the log says that it was drawn."""
        made = make_drawn(self._challenge())
        made.short_at, ref = self.now, made.challenge.subject_ref
        audit.record(self.session, SYSTEM, Action.REVIEWERS_DRAWN, ref, self.now, number=1)
        return made.challenge

    def _list(self) -> StoredFile:
        """A list without anybody, which the author handed in."""
        told = exporting.written([], "csv", "zh")
        facts = {"sha256": self.side.store.put(told), "size": len(told), "name": "专家.csv"}
        return make_document(uploaded_by=self.side.author.id, media_type="text/csv", **facts)

    def _frozen(self) -> Draw:
        """At which the custodian is present."""
        person = self.side.custodian
        home = person.memberships[0].organisation_id
        present = DrawParty(
            person=person, organisation_id=home, standing=Standing.CUSTODIAN, position=0
        )
        draw = Draw(
            challenge=self._challenge(), number=1, state=DrawState.FROZEN, commitment=ZEROS,
            committed_at=self.now, pool={}, pool_hash=ZEROS, named=[SourceKind.PHRASES.value],
            frozen_by=self.side.author.id, frozen_at=self.now, parties=[present],
        )  # fmt: skip
        draw.secret, draw.salt = ZEROS, ZEROS
        self.session.add(draw)
        self.session.flush()
        return draw
