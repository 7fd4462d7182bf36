"""Who runs a panel, who sits in it, who is heard by it, and who may look on."""

from datetime import datetime

from portal.bids import policy as bid_policy
from portal.challenges import policy as challenge_policy
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.settings import PanelMethod, ReviewMethod
from portal.core.access import ALLOW, Actor, Decision, allow_if, deny
from portal.core.words import N_
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.rules import (
    OVER,
    PANEL_MOVES,
    SIGN_IN_FROM,
    PanelState,
    TurnState,
)
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.policy import NOT_YOURS
from portal.reviews.rounds.rules import SeatState

NO_PANEL = N_("The rules of this challenge have no panel.")
NOT_NOW = N_("A panel is planned once the online review is ranked, and before the decision.")
NOT_IN_SESSION = N_("The panel is not in session.")
NOT_ENTITLED = N_("You were not present when this team was called, or do not judge it.")


def may_watch(actor: Actor, challenge: Challenge) -> Decision:
    """Who reads opened bids may also see the panel."""
    return challenge_policy.may_read_papers(actor, challenge)


def may_lead(actor: Actor, challenge: Challenge) -> Decision:
    """Officers of the issuing body run the panel."""
    return challenge_policy.may_manage(actor, challenge)


def may_plan(actor: Actor, challenge: Challenge) -> Decision:
    """Officers, where the rules have a panel, between the ranking and the decision."""
    decision = may_lead(actor, challenge)
    if not decision:
        return decision
    if challenge.rules.review_method is not ReviewMethod.ONLINE_AND_PANEL:
        return deny(NO_PANEL)
    return allow_if(challenge.state is ChallengeState.RANKED, NOT_NOW)


def may_take(actor: Actor, panel: Panel, action: str) -> Decision:
    """Whether this officer may take the panel this step; what else it needs is for the rules."""
    decision = may_lead(actor, panel.round.challenge)
    if not decision:
        return decision
    return allow_if(PANEL_MOVES.allows(panel.state, action), N_("The panel is past this step."))


def may_change(actor: Actor, panel: Panel) -> Decision:
    """The timetable may be changed until the panel begins."""
    return may_take(actor, panel, "call_off")


def may_run(actor: Actor, panel: Panel) -> Decision:
    """Officers take the turns along while the panel is in session."""
    decision = may_lead(actor, panel.round.challenge)
    if not decision:
        return decision
    return allow_if(panel.state is PanelState.SITTING, NOT_IN_SESSION)


def may_answer(actor: Actor, turn: Turn, now: datetime) -> Decision:
    """The lead of the team answers, until the panel begins."""
    decision = bid_policy.may_lead(actor, turn.bid)
    if not decision:
        return decision
    panel = turn.panel
    in_time = panel.state is PanelState.INVITED and now < panel.begins_at
    return allow_if(in_time, N_("The time to answer this invitation is over."))


def is_heard(actor: Actor, turn: Turn) -> bool:
    """Whether the person is on the team whose turn it is, and has been told of it."""
    return turn.panel.invited_at is not None and bid_policy.is_team(actor, turn.bid)


def may_sign_in(actor: Actor, panel: Panel, seat: Seat, now: datetime) -> Decision:
    """A member signs in themselves, or an officer does it, on the day."""
    own = seat.reviewer.person_id == actor.user_id
    if not own and not may_lead(actor, panel.round.challenge):
        return deny(NOT_YOURS)
    if seat.state not in (SeatState.ACCEPTED, SeatState.DONE):
        return deny(N_("A member signs in who has accepted the seat and declared to have no tie."))
    if panel.state not in (PanelState.INVITED, PanelState.SITTING):
        return deny(NOT_IN_SESSION)
    return allow_if(
        now >= panel.begins_at - SIGN_IN_FROM, N_("Signing in begins two hours before the panel.")
    )


def may_recuse(actor: Actor, turn: Turn, seat: Seat) -> Decision:
    """A member leaves for a team, or an officer notes it, until that team was heard."""
    own = seat.reviewer.person_id == actor.user_id
    if not own and not may_lead(actor, turn.panel.round.challenge):
        return deny(NOT_YOURS)
    open_still = turn.state not in OVER and turn.panel.state in (
        PanelState.INVITED,
        PanelState.SITTING,
    )
    return allow_if(open_still, N_("This team has been heard."))


def may_vote(actor: Actor, turn: Turn, seat: Seat) -> Decision:
    """A member who was present when the team was called, did not leave, and has not voted."""
    if seat.reviewer.person_id != actor.user_id:
        return deny(NOT_YOURS)
    votes = turn.panel.method is PanelMethod.BALLOT and turn.state is TurnState.JUDGING
    if not votes:
        return deny(N_("There is no vote on this team now."))
    if not is_entitled(turn, seat):
        return deny(NOT_ENTITLED)
    voted = any(one.seat_id == seat.id for one in turn.ballots)
    return allow_if(not voted, N_("You have voted on this team. A ballot is not changed."))


def is_entitled(turn: Turn, seat: Seat) -> Decision:
    """Whether a member judges a team: present when it was called, and not recused."""
    if seat.state not in (SeatState.ACCEPTED, SeatState.DONE):
        return deny(NOT_ENTITLED)
    if any(one.seat_id == seat.id for one in turn.recusals):
        return deny(NOT_ENTITLED)
    called = turn.called_at
    present = any(
        one.seat_id == seat.id and (called is None or one.at <= called)
        for one in turn.panel.attendances
    )
    return ALLOW if present else deny(NOT_ENTITLED)
