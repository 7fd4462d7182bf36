"""What of a side is before a panel: one to plan, one to come, one in session by ballot, one closed."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from portal.bids.teams.models import TeamPerson
from portal.bids.teams.rules import Access
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod, ReviewMethod
from portal.reviews.panels.minutes import FORM
from portal.reviews.panels.models import Attendance, Panel, Turn
from portal.reviews.panels.rules import PanelState, TurnState
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.rules import RoundKind, RoundState, SeatState
from tests.factories.awards import make_ranked_challenge
from tests.factories.bids import make_bid_challenge

if TYPE_CHECKING:
    from tests.site.matrix.sides import Side

HOUR = timedelta(hours=1)
STAGES = {
    PanelState.INVITED: RoundState.INVITING,
    PanelState.SITTING: RoundState.SCORING,
    PanelState.CLOSED: RoundState.RANKED,
}


class Panels:
    """Panels in the states in which something can be done about them."""

    def __init__(self, side: "Side") -> None:
        self.side, self.session, self.now = side, side.session, side.now
        self.ranked = make_ranked_challenge(call=side.call)
        rules = {"review_method": ReviewMethod.ONLINE_AND_PANEL.value}
        self.ranked.settings = {**self.ranked.settings, **rules}
        self.coming = self._panel(PanelState.INVITED, begins_at=self.now + HOUR)
        self.sitting = self._panel(PanelState.SITTING, begins_at=self.now - HOUR)
        self._judging()
        self.closed = self._panel(PanelState.CLOSED, begins_at=self.now - HOUR)
        self.session.flush()

    def _challenge(self) -> Challenge:
        challenge = make_bid_challenge(opened=True, call=self.side.call)
        challenge.state = ChallengeState.REVIEWING
        return challenge

    def _panel(self, state: PanelState, begins_at: datetime) -> Panel:
        challenge, side = self._challenge(), self.side
        review = Round(
            challenge=challenge,
            number=2,
            kind=RoundKind.MEETING,
            state=STAGES[state],
            seats_wanted=1,
            started_by=side.author.id,
            started_at=self.now,
            sheets_due_at=self.now + HOUR,
        )
        seat = Seat(
            round=review,
            reviewer=side.expert,
            position=0,
            state=SeatState.ACCEPTED,
            invited_at=self.now,
            answer_by=self.now + HOUR,
        )
        bid = side.bid_in(challenge, eligible=True)
        named = TeamPerson(
            bid=bid,
            person=side.named,
            organisation=side.lead_home,
            access=Access.WRITE,
            named_by=side.lead.id,
            named_at=self.now,
        )
        self.session.add(named)
        panel = Panel(
            round=review,
            state=state,
            method=PanelMethod.BALLOT,
            weight=60,
            place="首钢园",
            begins_at=begins_at,
            talk=15,
            questions=10,
            judging=5,
            pause=5,
            chosen={},
            lot={"seed": "00", "label": "panel", "bids": [], "order": []},
            invited_at=self.now,
            turns=[Turn(bid=bid, position=0, begins_at=begins_at)],
        )
        if state is PanelState.CLOSED:
            panel.closed_at, panel.minutes = self.now, self._minutes(panel)
            panel.minutes_sha256 = str(side.lead.id).replace("-", "").ljust(64, "0")
        self.session.add_all([review, seat, panel])
        self.session.flush()
        return panel

    def _judging(self) -> None:
        """The expert is present, and the side's own team is judged."""
        turn, seat, early = self.sitting.turns[0], self.sitting.round.seats[0], self.now - HOUR
        entered = Attendance(seat=seat, at=early, entered_by=self.side.author.id)
        self.sitting.attendances.append(entered)
        turn.state, turn.called_at, turn.step_at = TurnState.JUDGING, self.now, self.now
        turn.entitled = 1

    def _minutes(self, panel: Panel) -> dict[str, object]:
        challenge, at = panel.round.challenge, self.now.isoformat()
        words = {"challenge": challenge.code, "title": challenge.title, "issuer": "某委"}
        lists: dict[str, object] = {key: [] for key in ("members", "turns", "ranking")}
        return {
            "form": FORM,
            "place": panel.place,
            "link": "",
            "weight": 60,
            "quorum": 1,
            "began_at": at,
            "closed_at": at,
            "lot": panel.lot,
            "online": {},
            **words,
            **lists,
        }
