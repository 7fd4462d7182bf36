"""Declaring ties in a blind round (匿名评审): the expert names whom they are tied to, the database
finds whether a team is among them.

A list of the teams to tick would tell who bids; so nothing is shown, and who is named too widely
loses a seat rather than that a tie is missed.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.bids.models import Bid
from portal.bids.rules import PartnerState
from portal.core.access import Actor
from portal.core.db import transaction
from portal.core.errors import Invalid, check
from portal.core.words import N_
from portal.reviews.conflicts import declaring, queries, rules
from portal.reviews.conflicts.declaring import NO_TIE, Tie
from portal.reviews.conflicts.models import NamedTie
from portal.reviews.conflicts.rules import TIES, ConflictKind
from portal.reviews.rounds import queries as round_queries
from portal.reviews.rounds.models import Round, Seat
from portal.reviews.rounds.policy import may_answer

PART_MINIMUM = 4
"""Characters of a part of an organisation's name that count as naming it."""


@dataclass(frozen=True)
class Named:
    """A tie as it is named: to an organisation, a person, or a person there."""

    kind: ConflictKind
    organisation: str
    name: str
    words: str


@dataclass(frozen=True)
class Known:
    """By what a team is known: names and codes of its organisations, names of its people."""

    organisations: frozenset[str]
    people: frozenset[str]


def meets(named: Named, team: Known) -> bool:
    """Whether what is named is, or may be, of the team. Pure."""
    home, person = plain(named.organisation), plain(named.name)
    by_home = bool(home) and any(_alike(home, plain(one)) for one in team.organisations)
    return by_home or (bool(person) and person in {plain(one) for one in team.people})


def plain(text: str) -> str:
    """A name as it is compared: one width, no spaces, no capitals."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= PART_MINIMUM and short in long)


def answer(actor: Actor, seat_id: UUID, named: Sequence[Named], now: datetime) -> Seat:
    """Name one's ties, and so take the seat; or, when a team is among them, leave it to the next.

    In a pool round only the bids with a tie are left to others. Raises NotFound, NotAllowed,
    IllegalMove, InvalidInput.
    """
    with transaction() as session:
        seat, rounds = declaring.lock_seat(session, actor, seat_id)
        may_answer(actor, seat, now).enforce()
        check(*problems(named))
        settle(session, actor, seat, named, rounds, now)
    return seat


def settle(
    session: Session,
    actor: Actor,
    seat: Seat,
    named: Sequence[Named],
    rounds: Sequence[Round],
    now: datetime,
) -> None:
    """Keep the ties that are named, look for them among a seat's bids, and take or leave it, in a
    transaction of the caller's. Raises IllegalMove."""
    session.add_all([NamedTie(seat_id=seat.id, made_at=now, **vars(one)) for one in named])
    asked = round_queries.bids_of(session, seat)
    teams = _teams(session, asked)
    ties = {bid.id: _tie(named, teams[bid.id]) for bid in asked}
    declaring.settle(session, actor, seat, ties, rounds, now)


def problems(named: Iterable[Named]) -> Iterator[Invalid]:
    """What is left out or wrong in what was named, row by row."""
    for row, one in enumerate(named):
        if one.kind not in TIES:
            yield Invalid(f"ties.{row}.kind", declaring.UNANSWERED)
        if not one.organisation.strip() and not one.name.strip():
            yield Invalid(f"ties.{row}.organisation", N_("Name an organisation or a person."))
        try:
            rules.require_reason(one.words, f"ties.{row}.words")
        except Invalid as error:
            yield error


def _tie(named: Sequence[Named], team: Known) -> Tie:
    return next((Tie(one.kind, one.words) for one in named if meets(one, team)), NO_TIE)


def _teams(session: Session, asked: Sequence[Bid]) -> dict[UUID, Known]:
    people = queries.people_of(session, [bid.id for bid in asked])
    found = {}
    for bid in asked:
        joined = [p.organisation for p in bid.partners if p.state is PartnerState.CONFIRMED]
        homes = [part for one in (bid.lead, *joined) for part in (one.name, one.name_en, one.uscc)]
        members = people.get(bid.id, [])
        found[bid.id] = Known(
            frozenset(filter(None, [*homes, *(one.organisation for one in members)])),
            frozenset(one.name for one in members),
        )
    return found
