"""The day itself: who is present, whose turn it is, what is asked, who leaves, who votes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.audit.rules import Action
from portal.challenges.settings import PanelMethod
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import IllegalMove, Invalid, NotFound, TooEarly
from portal.core.words import N_
from portal.reviews.panels import policy, queries
from portal.reviews.panels.models import Attendance, Ballot, Panel, Recusal, Remark, Turn
from portal.reviews.panels.rules import (
    ON,
    PANEL_MOVES,
    SIGN_IN_FROM,
    TURN_MOVES,
    TurnState,
    Vote,
    quorum,
    require_reason,
)
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import ROUND_MOVES, SEAT_MOVES, RoundState, SeatState
from portal.reviews.sheets.models import Sheet
from portal.reviews.sheets.rules import SHEET_MOVES, SheetState

TOO_FEW = N_("%(needed)s members are needed, and %(present)s are there.")
QUESTION_LEAST = 2


def sign_in(actor: Actor, panel_id: UUID, seat_id: UUID, now: datetime) -> Panel:
    """Note that a member is present; a second time changes nothing. Raises NotFound, NotAllowed."""
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        seat = _seat(panel, seat_id)
        policy.may_sign_in(actor, panel, seat, now).enforce()
        if seat.id not in panel.present:
            panel.attendances.append(Attendance(seat=seat, at=now, entered_by=actor.user_id))
            facts = {"seat": seat.id}
            audit.record(session, actor, Action.PANEL_SIGNED_IN, panel.subject_ref, now, **facts)
    return panel


def _seat(panel: Panel, seat_id: UUID) -> Seat:
    found = next((seat for seat in panel.round.seats if seat.id == seat_id), None)
    if found is None:
        raise NotFound
    return found


def begin(actor: Actor, panel_id: UUID, now: datetime) -> Panel:
    """Open the panel with its quorum. Raises NotFound, NotAllowed, TooEarly, IllegalMove."""
    with transaction() as session:
        panel = queries.lock(session, panel_id)
        policy.may_take(actor, panel, "begin").enforce()
        if now < panel.begins_at - SIGN_IN_FROM:
            raise TooEarly(N_("A panel is opened on its day."))
        before = queries.online_round(session, panel.round.challenge_id)
        if before.state is not RoundState.RANKED:
            raise IllegalMove(N_("The online review is open again: its ranking comes first."))
        _require(len(panel.present), quorum(panel.round.seats_wanted))
        PANEL_MOVES.move(panel, "begin")
        ROUND_MOVES.move(panel.round, "score")
        panel.began_at = now
        facts = {"present": len(panel.present)}
        audit.record(session, actor, Action.PANEL_BEGUN, panel.subject_ref, now, **facts)
    return panel


def _require(present: int, needed: int) -> None:
    if present < needed:
        raise IllegalMove(TOO_FEW, needed=needed, present=present)


def take(actor: Actor, turn_id: UUID, action: str, now: datetime) -> Turn:
    """Take a team's turn on: call, ask, judge, finish; or miss, when nobody came.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    with transaction() as session:
        turn = queries.lock_turn(session, turn_id)
        policy.may_run(actor, turn.panel).enforce()
        TURN_MOVES.after(turn.state, action)
        if action in ("call", "miss"):
            _require_next(turn)
        if action == "call":
            _call(session, turn, now)
        if action == "finish":
            _finish(session, turn)
        TURN_MOVES.move(turn, action)
        turn.step_at = now
        if action in ("finish", "miss"):
            turn.over_at = now
        facts = {"turn": turn.id, "step": action}
        audit.record(session, actor, Action.PANEL_STEP, turn.panel.subject_ref, now, **facts)
    return turn


def _require_next(turn: Turn) -> None:
    if any(one.state in ON for one in turn.panel.turns):
        raise IllegalMove(N_("Another team is on."))
    if turn is not next(one for one in turn.panel.turns if one.state is TurnState.WAITING):
        raise IllegalMove(N_("Another team comes first; move this one if it has to be heard now."))


def judges(turn: Turn) -> list[Seat]:
    """The members who judge a team: present when it was called, and not recused."""
    return [seat for seat in turn.panel.round.seats if policy.is_entitled(turn, seat)]


def needed(turn: Turn) -> int:
    """How many of them have to judge: two thirds of the seats of those who did not leave."""
    return quorum(turn.panel.round.seats_wanted - len(turn.recusals))


def _call(session: Session, turn: Turn, now: datetime) -> None:
    """The team comes in; from now on those who are present judge it."""
    seats = judges(turn)
    _require(len(seats), needed(turn))
    turn.called_at, turn.entitled = now, len(seats)
    if turn.panel.method is not PanelMethod.SCORES:
        return
    for seat in seats:
        if seat.state is SeatState.DONE:
            SEAT_MOVES.move(seat, "resume")
        session.add(Sheet(seat=seat, bid_id=turn.bid_id))


def _finish(session: Session, turn: Turn) -> None:
    """Enough have judged; a sheet that was not handed in by now does not count."""
    if turn.panel.method is PanelMethod.BALLOT:
        _require(len(turn.ballots), needed(turn))
        return
    sheets = sheets_on(turn)
    _require(sum(one.state is SheetState.SUBMITTED for one in sheets), needed(turn))
    for sheet in sheets:
        if sheet.state is SheetState.DRAFT:
            SHEET_MOVES.move(sheet, "void")


def sheets_on(turn: Turn) -> list[Sheet]:
    """The sheets of a team that count, or may yet."""
    seats = turn.panel.round.seats
    made = [one for seat in seats for one in seat.sheets if one.bid_id == turn.bid_id]
    return [one for one in made if one.state is not SheetState.VOID]


def recuse(actor: Actor, turn_id: UUID, seat_id: UUID, reason: str, now: datetime) -> Turn:
    """A member leaves the room for one team: does not judge it, and what was written is void.

    A tie that stands beyond the meeting is declared as a conflict of interest instead. Raises
    NotFound, NotAllowed, Invalid, IllegalMove.
    """
    with transaction() as session:
        turn = queries.lock_turn(session, turn_id)
        seat = _seat(turn.panel, seat_id)
        policy.may_recuse(actor, turn, seat).enforce()
        require_reason(reason)
        if any(one.seat_id == seat.id for one in turn.recusals):
            raise IllegalMove(N_("This member has left for this team already."))
        if any(one.seat_id == seat.id for one in turn.ballots):
            raise IllegalMove(N_("This member has voted; a ballot cannot be taken back."))
        if turn.called_at is not None and policy.is_entitled(turn, seat):
            turn.entitled -= 1
        for sheet in sheets_on(turn):
            if sheet.seat_id == seat.id:
                SHEET_MOVES.move(sheet, "void")
        turn.recusals.append(
            Recusal(seat=seat, reason=reason.strip(), at=now, entered_by=actor.user_id)
        )
        facts = {"turn": turn.id, "seat": seat.id, "reason": reason.strip()}
        ref = turn.panel.subject_ref
        audit.record(session, actor, Action.PANEL_RECUSED, ref, now, **facts)
    return turn


def note(actor: Actor, turn_id: UUID, question: str, answer: str, now: datetime) -> Turn:
    """Note a question and what the team answered. Raises NotFound, NotAllowed, Invalid."""
    with transaction() as session:
        turn = queries.lock_turn(session, turn_id)
        policy.may_run(actor, turn.panel).enforce()
        if turn.called_at is None:
            raise IllegalMove(N_("This team has not been called."))
        if len(question.strip()) < QUESTION_LEAST:
            raise Invalid("question", N_("Please say what was asked."))
        row = Remark(
            number=len(turn.remarks) + 1,
            question=question.strip(),
            answer=answer.strip(),
            noted_by=actor.user_id,
            noted_at=now,
        )
        turn.remarks.append(row)
        facts = {"turn": turn.id, "number": row.number}
        audit.record(session, actor, Action.PANEL_NOTED, turn.panel.subject_ref, now, **facts)
    return turn


def vote(actor: Actor, turn_id: UUID, said: Vote, now: datetime) -> Turn:
    """Cast a secret ballot: that one has voted is kept, and the sums; never who voted how.

    Raises NotFound, NotAllowed.
    """
    with transaction() as session:
        turn = queries.lock_turn(session, turn_id)
        seat = queries.own_seat(session, actor, turn.panel)
        if seat is None:
            raise NotFound
        policy.may_vote(actor, turn, seat).enforce()
        turn.ballots.append(Ballot(seat_id=seat.id))
        turn.yes += said is Vote.YES
        turn.no += said is Vote.NO
        turn.abstained += said is Vote.ABSTAIN
        facts = {"turn": turn.id}
        audit.record(session, actor, Action.BALLOT_CAST, turn.panel.subject_ref, now, **facts)
    return turn
