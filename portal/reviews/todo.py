"""What reviewers and officers have to do about reviews."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.access import OFFICERS, Actor, Role
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.reviews.draws import queries as draw_queries
from portal.reviews.panels import todo as panel_todo
from portal.reviews.rankings.disagreement import queries as disagreement_queries
from portal.reviews.rankings.votes import policy as vote_policy
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import RoundKind, SeatState
from portal.reviews.sheets.rules import SheetState


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Values to give to a draw, invitations to answer, and sheets to submit."""
    return [
        *_to_give(session, actor),
        *panel_todo.open_items(session, actor, now),
        *(_to_review(session, actor, now) if actor.has(Role.REVIEWER) else []),
        *_disagreements(session, actor, now),
    ]


def _to_give(session: Session, actor: Actor) -> list[Todo]:
    text = N_("Give your value to the draw of the reviewers of “%(title)s”")
    return [
        Todo(
            Message(text, {"title": one.challenge.title}),
            "draws.page",
            {"code": one.challenge.code},
        )
        for one in draw_queries.waiting_for(session, actor.user_id)
    ]


def _disagreements(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """What a reviewer is asked about, and what an officer's ranking waits for."""
    found = []
    if actor.has(Role.REVIEWER):
        text = N_("Give your reasons about a disagreement on “%(title)s”")
        found += [(text, one) for one in disagreement_queries.asked_of(session, actor, now)]
    if actor.has(*OFFICERS):
        text = N_("Reviewers of “%(title)s” disagree; the ranking waits")
        found += [(text, one) for one in disagreement_queries.open_for(session, actor)]
    return [
        Todo(
            Message(text, {"title": one.round.challenge.title}),
            "disagreements.page",
            {"disagreement_id": one.id},
            one.ends_at,
        )
        for text, one in found
    ]


def _to_review(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    found, asked = [], []
    for seat in round_queries.my_seats(session, actor):
        title: dict[str, object] = {"title": seat.round.challenge.title}
        values = {"seat_id": seat.id}
        if seat.state is SeatState.INVITED and now < seat.answer_by:
            asked.append(_to_answer(seat))
        if vote_policy.may_vote(actor, seat):
            text = Message(N_("Vote on the bids of “%(title)s”"), title)
            found.append(Todo(text, "votes.vote", values))
        waits = any(sheet.state is SheetState.DRAFT for sheet in seat.sheets)
        if seat.state is SeatState.ACCEPTED and waits:
            text = Message(N_("Score the bids on “%(title)s”"), title)
            found.append(Todo(text, "reviews.seat", values, seat.sheets_due_at))
    # Several seats of a pool are one invitation.
    once = {tuple(one.values.values()): one for one in asked}
    return [*once.values(), *found]


def _to_answer(seat: Seat) -> Todo:
    text, challenge = N_("Answer the invitation to review “%(title)s”"), seat.round.challenge
    if seat.round.kind is not RoundKind.POOL:
        values: dict[str, object] = {"seat_id": seat.id}
        return Todo(
            Message(text, {"title": challenge.title}), "reviews.seat", values, seat.answer_by
        )
    number, place = {"number": challenge.call.number}, "allotment_invitations.invitation"
    return Todo(Message(text, {"title": challenge.call.title}), place, number, seat.answer_by)
