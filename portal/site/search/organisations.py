"""Organisations of which something is public, and what that is."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Select,
    String,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.accounts.rules import OrganisationKind
from portal.awards.models import Notice, NoticePlace
from portal.awards.rules import NoticeState
from portal.bids.models import Bid
from portal.challenges.finding.lists import BY_INDEX
from portal.challenges.finding.rules import search
from portal.challenges.models import Call, Challenge
from portal.projects.models import Project
from portal.projects.registry.models import RegistryEntry

OF_EACH = 3
"""How many things of a kind are shown beside an organisation."""
STANDING = (NoticeState.PUBLISHED, NoticeState.CLOSED, NoticeState.CONFIRMED)
NAMES: Any = literal_column(
    "finding_words(organisations.name::text || ' '::text || organisations.name_en::text)"
)
"""As the index has it (ix_organisations_words)."""


class Thing(NamedTuple):
    """Something public of an organisation: a call, notice or project, by its number or code."""

    kind: str
    key: str
    title: str


class Found(NamedTuple):
    """An organisation, and the newest of its public things."""

    name: str
    name_en: str
    kind: OrganisationKind
    things: Sequence[Thing]


def organisations(session: Session, words: str, limit: int) -> list[Found]:
    """Those whose names have all the words, by name; in two queries, however many there are."""
    terms = search(words)
    if not terms:
        return []
    session.execute(BY_INDEX)
    known = _public().subquery("known")
    rows = session.execute(
        select(Organisation.id, Organisation.name, Organisation.name_en, Organisation.kind)
        .where(
            NAMES.bool_op("@@")(cast(terms, TSQUERY)),
            exists().where(known.c.owner == Organisation.id),
        )
        .order_by(Organisation.name)
        .limit(limit)
    ).all()
    things = _newest(session, [row.id for row in rows])
    return [Found(row.name, row.name_en, row.kind, things[row.id]) for row in rows]


def _newest(session: Session, owners: Sequence[UUID]) -> dict[UUID, list[Thing]]:
    known = _public().subquery("known")
    place = func.row_number().over(
        partition_by=(known.c.owner, known.c.kind), order_by=known.c.at.desc()
    )
    placed = select(known, place.label("place")).where(known.c.owner.in_(owners)).subquery("placed")
    rows = session.execute(
        select(placed).where(placed.c.place <= OF_EACH).order_by(placed.c.kind, placed.c.place)
    )
    found: dict[UUID, list[Thing]] = defaultdict(list)
    for row in rows:
        found[row.owner].append(Thing(row.kind, row.key, row.title))
    return found


def _public() -> CompoundSelect[Any]:
    """What everybody may know of organisations: their calls, what they won, what was accepted."""
    return union_all(_calls(), _wins(), _projects())


def _calls() -> Select[*tuple[Any, ...]]:
    return select(
        literal("call").label("kind"),
        Call.issuer_id.label("owner"),
        Call.published_at.label("at"),
        Call.number.label("key"),
        Call.title.label("title"),
    ).where(Call.published_at.is_not(None))


def _wins() -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal("notice"), Bid.lead_id, Notice.published_at, Challenge.code, NoticePlace.title
        )
        .select_from(NoticePlace)
        .join(Notice, Notice.id == NoticePlace.notice_id)
        .join(Bid, Bid.id == NoticePlace.bid_id)
        .join(Challenge, Challenge.id == Notice.challenge_id)
        .where(NoticePlace.winner, Notice.state.in_(STANDING))
    )


def _projects() -> Select[*tuple[Any, ...]]:
    number, title = cast(RegistryEntry.number, String), RegistryEntry.snapshot["title"].astext
    return (
        select(literal("project"), Bid.lead_id, RegistryEntry.entered_at, number, title)
        .select_from(RegistryEntry)
        .join(Project, Project.id == RegistryEntry.project_id)
        .join(Bid, Bid.id == Project.bid_id)
    )
