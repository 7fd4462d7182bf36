"""Inviting the teams to a panel: their answers, the reminder, and calling it off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges import queries as challenges
from portal.challenges.models import Challenge
from portal.challenges.rules import ChallengeState
from portal.challenges.stages import advance
from portal.core.access import SYSTEM, Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid
from portal.core.words import N_
from portal.reviews.panels import policy, queries
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.news import tell_members, tell_officers, tell_team
from portal.reviews.panels.rules import (
    PANEL_MOVES,
    REMINDER,
    Answer,
    PanelState,
    require_reason,
)
from portal.reviews.rounds.rules import ROUND_MOVES, RoundState


def invite(actor: Actor, panel_id: UUID, now: datetime) -> Panel:
    """Tell the teams their time, and ask whether they come. Raises NotFound, NotAllowed."""
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        policy.may_take(actor, panel, "invite").enforce()
        PANEL_MOVES.move(panel, "invite")
        panel.invited_at = now
        teams = len(panel.turns)
        audit.record(session, actor, Action.PANEL_INVITED, panel.subject_ref, now, teams=teams)
        for turn in panel.turns:
            text = N_("Your team presents “%(title)s” to the panel, %(when)s: please confirm.")
            tell_team(session, turn, "invited", text)
    return panel


def remind(panel_id: UUID, now: datetime) -> None:
    """Remind members and teams, once, a day before; a second run does nothing."""
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        due = now >= panel.begins_at - REMINDER and panel.reminded_at is None
        if panel.state is not PanelState.INVITED or not due:
            return
        panel.reminded_at = now
        audit.record(session, SYSTEM, Action.PANEL_REMINDED, panel.subject_ref, now)
        key = f"reminded:{panel.begins_at.isoformat()}"
        tell_members(session, panel, key, N_("The panel on “%(title)s” begins %(when)s."))
        for turn in panel.turns:
            if turn.answer is not Answer.NOT_COMING:
                text = N_("Your team presents “%(title)s” to the panel, %(when)s.")
                tell_team(session, turn, key, text)


def answer(actor: Actor, bid_id: UUID, said: Answer, words: str, now: datetime) -> Turn:
    """A team says whether it comes, and who; not coming needs a reason.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        found = queries.turn_of(session, bid_id)
        if found is None:
            raise IllegalMove(N_("This team is not invited to a panel."))
        turn = queries.lock_turn(session, found.id)
        policy.may_answer(actor, turn, now).enforce()
        if said is Answer.OPEN:
            raise Invalid("answer", N_("Please say whether the team comes."))
        if said is Answer.NOT_COMING:
            require_reason(words, "words")
        turn.answer, turn.words = said, words.strip()
        turn.answered_by, turn.answered_at = actor.user_id, now
        facts = {"turn": turn.id, "answer": said.value}
        ref = turn.panel.subject_ref
        audit.record(session, actor, Action.PANEL_ANSWERED, ref, now, **facts)
        text = N_("A team has answered its invitation to the panel on “%(title)s”.")
        tell_officers(session, turn.panel, f"answer:{turn.id}:{now.isoformat()}", text)
    return turn


def call_off(actor: Actor, panel_id: UUID, reason: str, now: datetime) -> Panel:
    """Give the panel up before it begins; it may be planned again, with the same order of teams.

    Raises NotFound, NotAllowed, Invalid.
    """
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        policy.may_take(actor, panel, "call_off").enforce()
        require_reason(reason)
        challenge = challenges.lock(session, panel.round.challenge_id)
        PANEL_MOVES.move(panel, "call_off")
        ROUND_MOVES.move(panel.round, "call_off")
        panel.reason = reason.strip()
        facts = {"reason": panel.reason}
        audit.record(session, actor, Action.PANEL_CALLED_OFF, panel.subject_ref, now, **facts)
        text = N_("The panel on “%(title)s”, %(when)s, is called off.")
        tell_members(session, panel, "off", text)
        for turn in panel.turns if panel.invited_at else ():
            tell_team(session, turn, "off", text)
        if challenge.state is ChallengeState.REVIEWING and _is_ranked(session, challenge):
            advance(challenge, "rank", now)
    return panel


def _is_ranked(session: Session, challenge: Challenge) -> bool:
    return queries.online_round(session, challenge.id).state is RoundState.RANKED
