"""What a person has to do, and what is theirs, collected from every feature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from portal.awards import todo as awards
from portal.bids import queries as bids
from portal.bids import todo as bids_todo
from portal.challenges import queries as challenges
from portal.challenges import rules
from portal.challenges import todo as challenges_todo
from portal.challenges.amendments import todo as amendments_todo
from portal.challenges.screens import TONES
from portal.core.access import BIDDERS, OFFICERS, Actor, Role
from portal.core.titles import title_of
from portal.core.todo import Todo
from portal.core.words import N_, Worded
from portal.integrity import todo as integrity_todo
from portal.projects import queries as projects
from portal.projects import todo as projects_todo
from portal.projects.changes import todo as changes_todo
from portal.projects.contracts import todo as contracts_todo
from portal.projects.endings import todo as endings_todo
from portal.projects.funds import todo as funds_todo
from portal.projects.races import todo as races_todo
from portal.projects.rules import ProjectState
from portal.reviews import todo as reviews_todo
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.rules import SeatState

SHOWN = 6
SOON = timedelta(days=7)


class Lists(Protocol):
    """A feature's to-do list."""

    def open_items(self, session: Session, actor: Actor, now: datetime) -> list[Todo]:
        """What the actor has to do there."""


SOURCES: Sequence[Lists] = (
    challenges_todo,
    amendments_todo,
    bids_todo,
    reviews_todo,
    awards,
    contracts_todo,
    projects_todo,
    funds_todo,
    changes_todo,
    races_todo,
    endings_todo,
    integrity_todo,
)


PROJECT_TONES = {
    ProjectState.SIGNING: "waiting",
    ProjectState.ACTIVE: "active",
    ProjectState.SUSPENDED: "waiting",
    ProjectState.ACCEPTED: "done",
}


@dataclass(frozen=True)
class Thing:
    """Something of the person's own: where it is and how it stands."""

    title: str
    endpoint: str
    values: dict[str, Any]
    state: Worded
    tone: str


@dataclass(frozen=True)
class Shelf:
    """One kind of one's own things, newest first; `endpoint` lists all of them."""

    label: str
    endpoint: str
    things: list[Thing] = field(default_factory=list)


def to_do(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Everything the person has to do: late first, then by date, then what has none."""
    items = [item for source in SOURCES for item in source.open_items(session, actor, now)]
    return sorted(items, key=lambda item: (item.tone != "late", item.due is None, item.due or now))


class Pile(Worded):
    """How pressing things are."""

    LATE = "late", N_("Late")
    SOON = "soon", N_("Due within seven days")
    AHEAD = "ahead", N_("Later, or without a date")


def piled(items: Iterable[Todo], now: datetime) -> list[tuple[Pile, list[Todo]]]:
    """Things to do by how pressing they are, in their order; a pile with nothing in it is left out."""
    piles: dict[Pile, list[Todo]] = {pile: [] for pile in Pile}
    for item in items:
        piles[_pile(item, now)].append(item)
    return [(pile, found) for pile, found in piles.items() if found]


def _pile(item: Todo, now: datetime) -> Pile:
    if item.tone == "late" or (item.due is not None and item.due < now):
        return Pile.LATE
    return Pile.SOON if item.due is not None and item.due - now <= SOON else Pile.AHEAD


def mine(session: Session, actor: Actor, now: datetime) -> list[Shelf]:
    """The person's own things, by role; kinds that their roles do not have are left out."""
    shelves = []
    if actor.is_officer:
        shelves.append(_challenges(session, actor, now))
    if actor.has(*BIDDERS):
        shelves.append(_bids(session, actor))
    if actor.has(Role.REVIEWER):
        shelves.append(_seats(session, actor))
    if actor.has(*OFFICERS, *BIDDERS):
        shelves.append(_projects(session, actor))
    return shelves


def _challenges(session: Session, actor: Actor, now: datetime) -> Shelf:
    things = []
    for row in challenges.mine(session, actor)[:SHOWN]:
        stage = rules.phase(row.state, row.closes_at, now)
        tone = TONES.get(stage, "neutral")
        things.append(Thing(title_of(row), "challenges.page", {"code": row.code}, stage, tone))
    return Shelf(N_("Our challenges"), "challenges.mine", things)


def _bids(session: Session, actor: Actor) -> Shelf:
    things = [
        Thing(title_of(row.challenge), "bids.shown", {"bid_id": row.id}, row.state, "neutral")
        for row in bids.mine(session, actor, limit=SHOWN)
    ]
    return Shelf(N_("Our bids"), "bids.mine", things)


def _seats(session: Session, actor: Actor) -> Shelf:
    things = []
    for row in round_queries.my_seats(session, actor)[:SHOWN]:
        tone = "done" if row.state is SeatState.DONE else "neutral"
        values = {"seat_id": row.id}
        things.append(Thing(title_of(row.round.challenge), "reviews.seat", values, row.state, tone))
    return Shelf(N_("My reviews"), "reviews.mine", things)


def _projects(session: Session, actor: Actor) -> Shelf:
    things = []
    for row in projects.mine(session, actor, None, SHOWN):
        tone = PROJECT_TONES.get(row.state, "neutral")
        things.append(Thing(row.title, "projects.shown", {"code": row.code}, row.state, tone))
    return Shelf(N_("Our projects"), "projects.mine", things)
