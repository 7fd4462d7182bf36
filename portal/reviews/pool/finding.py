"""The register of experts: a page of it by filters, and how many fit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql.base import ExecutableOption

from portal.accounts.models import Organisation, Person
from portal.core.words import N_, Worded
from portal.reviews.pool.disciplines import disciplines, under
from portal.reviews.pool.history import is_open
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.rules import PoolState, Stratum
from portal.reviews.rounds.models import Seat
from portal.reviews.sheets.models import Sheet

PAGE = 50
LONGEST = 60
Cursor = tuple[datetime, UUID]


class Load(Worded):
    """Whether an expert can take on more."""

    ROOM = "room", N_("Has room for more")
    FULL = "full", N_("Has all they take")


@dataclass(frozen=True)
class Filters:
    """What the register is narrowed to; what is empty does not narrow."""

    words: str = ""
    organisation: str = ""
    discipline: str = ""
    stratum: Stratum | None = None
    state: PoolState | None = None
    load: Load | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()

    @property
    def asked(self) -> dict[str, Any]:
        """The filters as they stand in an address."""
        return {name: str(value) for name, value in vars(self).items() if value}


def filters(asked: Mapping[str, str]) -> Filters:
    """The filters in an address; nonsense does not narrow."""

    def member(kind: Any, name: str) -> Any:
        value = asked.get(name, "")
        return kind(value) if value in {one.value for one in kind} else None

    code = asked.get("discipline", "")
    return Filters(
        words=asked.get("words", "").strip()[:LONGEST],
        organisation=asked.get("organisation", "").strip()[:LONGEST],
        discipline=code if code in disciplines() else "",
        stratum=member(Stratum, "stratum"),
        state=member(PoolState, "state"),
        load=member(Load, "load"),
    )


def page(session: Session, asked: Filters, before: Cursor | None = None) -> Sequence[Reviewer]:
    """A page of experts, the latest first, from behind a place; one more than a page."""
    query = _narrowed(select(Reviewer), asked)
    if before is not None:
        query = query.where(tuple_(Reviewer.entered_at, Reviewer.id) < before)
    query = query.order_by(Reviewer.entered_at.desc(), Reviewer.id.desc()).limit(PAGE + 1)
    return session.scalars(_loaded(query)).all()


def everybody(
    session: Session, asked: Filters, limit: int, *options: ExecutableOption
) -> Sequence[Reviewer]:
    """All experts that fit, the latest first, up to a limit."""
    query = _narrowed(select(Reviewer), asked)
    query = query.order_by(Reviewer.entered_at.desc(), Reviewer.id.desc()).limit(limit)
    return session.scalars(_loaded(query).options(*options)).all()


def number(session: Session, asked: Filters) -> int:
    """How many fit."""
    return session.scalar(_narrowed(select(func.count(Reviewer.id)), asked)) or 0


def _narrowed(query: Any, asked: Filters) -> Any:
    query = query.join(Person, Person.id == Reviewer.person_id)
    query = query.join(Organisation, Organisation.id == Reviewer.organisation_id)
    return query.where(*_wanted(asked))


def _loaded(query: Any) -> Any:
    return query.options(contains_eager(Reviewer.person), contains_eager(Reviewer.organisation))


def _wanted(asked: Filters) -> Iterator[ColumnElement[bool]]:
    if asked.words:
        texts = (Person.name, Person.email, Reviewer.about, cast(Reviewer.keywords, Text))
        yield or_(*(text.icontains(asked.words, autoescape=True) for text in texts))
    if asked.organisation:
        yield Organisation.name.icontains(asked.organisation, autoescape=True)
    if asked.discipline:
        yield Reviewer.disciplines.has_any(array(under(asked.discipline)))
    if asked.stratum:
        yield Reviewer.stratum == asked.stratum
    if asked.state:
        yield Reviewer.state == asked.state
    if asked.load:
        has_room = _open_sheets() < Reviewer.max_load
        yield has_room if asked.load is Load.ROOM else ~has_room


def _open_sheets() -> Any:
    query = select(func.count(Sheet.id)).join(Seat, Seat.id == Sheet.seat_id)
    query = query.where(Seat.reviewer_id == Reviewer.id, *is_open())
    return query.correlate(Reviewer).scalar_subquery()
