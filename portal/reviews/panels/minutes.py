"""The minutes (会议纪要) of a panel as plain JSON: what their fingerprint is taken of."""

from datetime import datetime

from portal.core.db import Json
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.rules import quorum
from portal.reviews.rankings.models import Ranking
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import SEATED
from portal.reviews.sheets.rules import SheetState

FORM = "jiebang-panel-minutes-v1"


def minutes_of(panel: Panel, ranking: Ranking) -> Json:
    """All that the minutes say; moments are ISO 8601 in UTC, decimals are text."""
    challenge = panel.round.challenge
    return {
        "form": FORM,
        "challenge": challenge.code,
        "title": challenge.title,
        "issuer": challenge.call.issuer.name,
        "method": panel.method.value,
        "weight": panel.weight,
        "place": panel.place,
        "link": panel.link,
        "planned_at": _at(panel.begins_at),
        "began_at": _at(panel.began_at),
        "closed_at": _at(panel.closed_at),
        "lot": panel.lot,
        "quorum": quorum(panel.round.seats_wanted),
        "members": [_member(panel, seat) for seat in panel.round.seats if seat.state in SEATED],
        "turns": [_turn(turn) for turn in panel.turns],
        "rule": ranking.rule,
        "inputs": ranking.inputs_sha256,
        "ranking": [
            {
                "bid": str(one.bid_id),
                "lead": one.bid.lead.name,
                "place": one.place,
                "mean": str(one.mean),
                "passed": one.passed,
                "tied": one.tied,
            }
            for one in ranking.places
        ],
        "online": ranking.inputs["online"]["means"],
    }


def _at(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _member(panel: Panel, seat: Seat) -> Json:
    signed_in = {one.seat_id: one.at for one in panel.attendances}
    return {
        "name": seat.reviewer.person.name,
        "organisation": seat.reviewer.organisation.name,
        "present_at": _at(signed_in.get(seat.id)),
    }


def _turn(turn: Turn) -> Json:
    return {
        "bid": str(turn.bid_id),
        "lead": turn.bid.lead.name,
        "title": turn.bid.versions[-1].terms.title,
        "planned_at": _at(turn.begins_at),
        "called_at": _at(turn.called_at),
        "over_at": _at(turn.over_at),
        "state": turn.state.value,
        "moved": turn.moved,
        "entitled": turn.entitled,
        "votes": {"yes": turn.yes, "no": turn.no, "abstained": turn.abstained},
        "sheets": sum(
            one.state is SheetState.SUBMITTED
            for seat in turn.panel.round.seats
            for one in seat.sheets
            if one.bid_id == turn.bid_id
        ),
        "recused": [
            {"name": one.seat.reviewer.person.name, "reason": one.reason} for one in turn.recusals
        ],
        "remarks": [{"question": one.question, "answer": one.answer} for one in turn.remarks],
    }
