"""Who may vote, and when."""

from portal.core.access import ALLOW, Actor, Decision, deny
from portal.core.words import N_
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.policy import NOT_YOURS
from portal.reviews.rounds.rules import RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SheetState


def ballots(seat: Seat) -> list[Sheet]:
    """The sheets of a seat that count, each with its vote."""
    return [sheet for sheet in seat.sheets if sheet.state is not SheetState.VOID]


def may_vote(actor: Actor, seat: Seat) -> Decision:
    """A reviewer whose sheets are all in votes once, before the round is ranked."""
    if seat.reviewer.person_id != actor.user_id:
        return deny(NOT_YOURS)
    if not seat.round.challenge.rules.expert_vote:
        return deny(N_("There is no vote on this challenge."))
    sheets = ballots(seat)
    handed_in = bool(sheets) and all(sheet.state is SheetState.SUBMITTED for sheet in sheets)
    if seat.state is not SeatState.DONE or not handed_in:
        return deny(N_("You vote when all your score sheets are submitted."))
    if seat.round.state is RoundState.RANKED or all(s.in_favour is not None for s in sheets):
        return deny(N_("You have voted, or the round is ranked."))
    return ALLOW
