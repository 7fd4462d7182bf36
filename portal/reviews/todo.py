"""What reviewers and officers have to do about reviews, and who is late."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.access import OFFICERS, Actor, Role
from portal.core.titles import both
from portal.core.todo import Todo
from portal.core.words import N_, Message
from portal.reviews.conflicts import queries as conflict_queries
from portal.reviews.draws import queries as draw_queries
from portal.reviews.panels import todo as panel_todo
from portal.reviews.pool import queries as pool_queries
from portal.reviews.pool.rules import PoolState
from portal.reviews.rankings.disagreement import queries as disagreement_queries
from portal.reviews.results import queries as result_queries
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Seat
from portal.reviews.rounds.rules import RoundKind, SeatState
from portal.reviews.sheets import queries as sheet_queries
from portal.reviews.sheets.rules import SheetState


def open_items(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Values to give to a draw, invitations to answer, and sheets to submit."""
    return [
        *_to_give(session, actor),
        *panel_todo.open_items(session, actor, now),
        *(_to_oversee(session, actor, now) if actor.is_officer else []),
        *(_to_review(session, actor, now) if actor.has(Role.REVIEWER) else []),
        *_disagreements(session, actor, now),
    ]


def _to_oversee(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    return [
        *_late(session, actor, now),
        *_wishes(session, actor),
        *_returns(session, actor),
        *_remarks(session, actor),
        *_experts(session, actor),
    ]


def _late(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Who is late in the rounds of one's own body: one item a round, with the names."""
    seats = round_queries.late(session, actor.organisations_as(*OFFICERS), now)
    found: dict[UUID, list[Seat]] = defaultdict(list)
    for seat in seats:
        found[seat.round_id].append(seat)
    text = N_("Late with the sheets on “%(title)s”: %(names)s")
    return [
        Todo(
            Message(
                text,
                {
                    "title": both(late[0].round.challenge),
                    "names": "、".join(seat.reviewer.person.name for seat in late),
                },
            ),
            "reviews.board",
            {"code": late[0].round.challenge.code},
            due=late[0].sheets_due_at,
            tone="late",
        )
        for late in found.values()
    ]


def _wishes(session: Session, actor: Actor) -> list[Todo]:
    """Wishes of teams that an officer of the issuing body has to decide."""
    text = N_("Decide on the wishes that an expert keeps away from “%(title)s”: %(count)s")
    return [
        Todo(
            Message(text, {"count": count, "title": both(challenge)}),
            "conflicts.listed",
            {"code": challenge.code},
            tone="waiting",
        )
        for challenge, count in conflict_queries.undecided(
            session, actor.organisations_as(*OFFICERS)
        )
    ]


def _returns(session: Session, actor: Actor) -> list[Todo]:
    """Sheets that another officer wants to give back."""
    text = N_("Agree that a sheet of “%(title)s” is given back, or leave it as it is")
    return [
        Todo(
            Message(text, {"title": both(one.sheet.seat.round.challenge)}),
            "sheets.give_back",
            {"sheet_id": one.sheet_id},
            tone="waiting",
        )
        for one in sheet_queries.to_agree(session, actor)
    ]


def _remarks(session: Session, actor: Actor) -> list[Todo]:
    """What reviewers wrote on ranked bids, which teams do not read before an officer has."""
    text = N_(
        "Check what reviewers wrote on “%(title)s” before the teams read it: %(count)s comments"
    )
    return [
        Todo(
            Message(text, {"count": count, "title": both(challenge)}),
            "results.listed",
            {"code": challenge.code},
            tone="waiting",
        )
        for challenge, count in result_queries.unchecked(session, actor.organisations_as(*OFFICERS))
    ]


def _experts(session: Session, actor: Actor) -> list[Todo]:
    """Experts who wait for somebody else to let them into the pool."""
    count = pool_queries.to_approve(session, actor.user_id)
    text = N_("Experts who wait to be let into the pool: %(count)s")
    values = {"state": PoolState.PROPOSED.value}
    return [Todo(Message(text, {"count": count}), "pool.register", values)] if count else []


def _to_give(session: Session, actor: Actor) -> list[Todo]:
    text = N_("Give your value to the draw of the reviewers of “%(title)s”")
    return [
        Todo(
            Message(text, {"title": both(one.challenge)}),
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
            Message(text, {"title": both(one.round.challenge)}),
            "disagreements.page",
            {"disagreement_id": one.id},
            one.ends_at,
        )
        for text, one in found
    ]


def _to_review(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    found, asked = [], []
    for seat in round_queries.my_seats(session, actor):
        title: dict[str, object] = {"title": both(seat.round.challenge)}
        values = {"seat_id": seat.id}
        if seat.state is SeatState.INVITED and now < seat.answer_by:
            asked.append(_to_answer(seat))
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
            Message(text, {"title": both(challenge)}), "reviews.seat", values, seat.answer_by
        )
    number, place = {"number": challenge.call.number}, "allotment_invitations.invitation"
    return Todo(Message(text, {"title": challenge.call.title}), place, number, seat.answer_by)
