"""The demonstration's panel that is over: teams were heard, members voted, the minutes stand."""

from datetime import datetime, timedelta
from uuid import UUID

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.challenges.models import Challenge
from portal.core.access import Actor
from portal.core.db import db
from portal.demo.challenges import moment
from portal.demo.panel import expert
from portal.demo.teams import Row
from portal.reviews.panels import closing, inviting, planning, queries, sitting
from portal.reviews.panels.models import Panel, Turn
from portal.reviews.panels.planning import Day
from portal.reviews.panels.rules import Answer, Vote
from portal.reviews.rounds import answers
from portal.reviews.rounds.models import Seat

MINUTES = ("talk", "questions", "judging", "pause")
EARLY = timedelta(minutes=20)
"""Before it begins, when the members sign in."""


def hold(challenge: Challenge, row: Row, officer: Actor) -> None:
    """Plan a panel, invite, hear every team, vote, and close."""
    planned, answered, begins = (
        moment(challenge, row[one]) for one in ("planned", "answered", "begins")
    )
    minutes = {name: row[name] for name in MINUTES}
    day = Day(place=row["place"], link=row["link"], begins_at=begins, **minutes)
    panel_id = planning.plan(officer, challenge.id, day, planned).id
    inviting.invite(officer, panel_id, planned)
    for turn in _panel(panel_id).turns:
        inviting.answer(_lead(turn), turn.bid_id, Answer.COMING, row["coming"], answered)
    for seat in _panel(panel_id).round.seats:
        answers.accept(expert(seat), seat.id, answered)
        sitting.sign_in(expert(seat), panel_id, seat.id, begins - EARLY)
    sitting.begin(officer, panel_id, begins)
    now = begins
    for number in range(len(_panel(panel_id).turns)):
        now = _hear(_panel(panel_id).turns[number], row, officer, now)
    closing.close(officer, panel_id, now)


def _panel(panel_id: UUID) -> Panel:
    db.session.expire_all()
    return queries.lock(db.session, panel_id)


def _lead(turn: Turn) -> Actor:
    """Who began the bid of a turn."""
    return accounts.actor_of(db.session.get_one(Person, turn.bid.started_by))


def _hear(turn: Turn, row: Row, officer: Actor, now: datetime) -> datetime:
    """A team talks, is asked, leaves, and is voted on; when the next one may come in."""
    lead, seats = _lead(turn).email, list(turn.panel.round.seats)
    told, key, votes = row["turns"][lead], turn.id, iter(row["turns"][lead]["votes"].split())
    gone = _leaving(seats, row["leaves"]) if row["leaves"]["lead"] == lead else None
    if gone is not None:
        sitting.recuse(expert(gone), key, gone.id, row["leaves"]["reason"], now)
    step = {name: timedelta(minutes=row[name]) for name in MINUTES}
    sitting.take(officer, key, "call", now)
    sitting.take(officer, key, "ask", now + step["talk"])
    over = now + step["talk"] + step["questions"]
    for question, answer in told["notes"]:
        sitting.note(officer, key, question, answer, over)
    sitting.take(officer, key, "judge", over)
    end = over + step["judging"]
    for seat in seats:
        if seat is not gone:
            sitting.vote(expert(seat), key, Vote(next(votes)), over)
    sitting.take(officer, key, "finish", end)
    return end + step["pause"]


def _leaving(seats: list[Seat], row: Row) -> Seat:
    return seats[row["seat"]]
