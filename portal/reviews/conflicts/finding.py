"""Which conflicts there are by rule, written down by one statement: new ones in, what is over out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.bids.sections.models import BidAvoid
from portal.bids.teams.models import TeamPerson
from portal.challenges.models import Call, Challenge
from portal.reviews.conflicts.models import AvoidDecision, Conflict
from portal.reviews.conflicts.rules import ConflictKind, ConflictSource, looks_back_to
from portal.reviews.conflicts.sets import Sets, body
from portal.reviews.pool.models import Reviewer

NONE = UUID(int=0)
BY_RULE = (ConflictSource.FOUND, ConflictSource.NAMED)
"""What follows from what the portal knows, and is over when that is over."""
_Found = Select[Any]


@dataclass(frozen=True)
class Found:
    """How many conflicts of each kind are new, and how many are over."""

    added: dict[ConflictKind, int]
    lifted: int

    def __bool__(self) -> bool:
        return bool(self.added or self.lifted)


class Scope(Enum):
    """Whose challenges are looked at, by the column that says so."""

    CHALLENGE = "id"
    CALL = "call_id"


def write(
    session: Session, scope: Scope, key: UUID, now: datetime, reviewer_id: UUID | None = None
) -> Found:
    """Write down the conflicts of the challenges in `scope`; of one expert only, if given."""
    facts = {
        "within": key,
        "looks_back": looks_back_to(now).date(),
        "today": now.date(),
        "at_now": now,
    }
    facts |= {"only": reviewer_id} if reviewer_id else {}
    rows = session.execute(_written(scope, reviewer_id is not None), facts).all()
    for row in list(session):
        if isinstance(row, Conflict):
            session.expire(row)
    counts = {ConflictKind(kind): count for kind, count in rows if kind is not None}
    return Found(counts, sum(count for kind, count in rows if kind is None))


@lru_cache(maxsize=4)
def _written(scope: Scope, of_one: bool) -> CompoundSelect[Any]:
    """The statement, put together once: that takes longer than the database does for a challenge.

    Its parameters have no column's name: that would be a value for the column.
    """
    within = getattr(Challenge, scope.value) == bindparam("within", type_=Uuid)
    only = bindparam("only", type_=Uuid) if of_one else None
    since, today = (bindparam(name, type_=Date) for name in ("looks_back", "today"))
    now = bindparam("at_now", type_=DateTime(timezone=True))
    sets = Sets(within, since, today, only)
    holds = union_all(*_kinds(sets)).cte("holds").prefix_with("MATERIALIZED")
    over = _lifted(sets, holds, now)
    new = _added(holds, now)
    lifted = select(cast(null(), String), func.count()).select_from(over)
    added = select(cast(new.c.kind, String), func.count()).group_by(new.c.kind)
    return union_all(lifted, added)


def _lifted(sets: Sets, holds: CTE, now: ColumnElement[datetime]) -> CTE:
    """What was found before and holds no more."""
    same = and_(
        holds.c.challenge_id == Conflict.challenge_id,
        holds.c.reviewer_id == Conflict.reviewer_id,
        holds.c.kind == cast(Conflict.kind, String),
        func.coalesce(holds.c.bid_id, NONE) == func.coalesce(Conflict.bid_id, NONE),
        func.coalesce(holds.c.about_id, NONE) == func.coalesce(Conflict.about_id, NONE),
    )
    return (
        update(Conflict)
        .where(
            Conflict.challenge_id.in_(select(Challenge.id).where(sets.scope)),
            sets.only(Conflict.reviewer_id),
            Conflict.source.in_(BY_RULE),
            Conflict.lifted_at.is_(None),
            ~exists().where(same),
        )
        .values(lifted_at=now)
        .returning(Conflict.id)
        .cte("lifted")
    )


def _added(holds: CTE, now: ColumnElement[datetime]) -> CTE:
    """What holds and was not found before."""
    columns = ("reviewer_id", "challenge_id", "bid_id", "kind", "source", "about_id", "evidence")
    rows = select(*(holds.c[name] for name in columns), now)
    return (
        insert(Conflict)
        .from_select([*columns, "since"], rows, include_defaults=False)
        .on_conflict_do_nothing()
        .returning(Conflict.kind)
        .cte("added")
    )


def _kinds(sets: Sets) -> Iterator[_Found]:
    yield _employers(sets)
    yield _former(sets)
    yield _on_a_team(sets)
    yield _issuer(sets)
    yield _owner(sets)
    yield _coworkers(sets)
    yield _named(sets)


def _row(
    kind: ConflictKind,
    reviewer: Any,
    challenge: Any,
    about: Any,
    evidence: dict[str, Any],
    bid: Any = None,
    source: ConflictSource = ConflictSource.FOUND,
) -> _Found:
    """One kind's rows, in the columns of all of them."""
    facts = (part for name, value in evidence.items() for part in (name, value))
    return select(
        reviewer.label("reviewer_id"),
        challenge.label("challenge_id"),
        (cast(null(), Uuid) if bid is None else bid).label("bid_id"),
        literal(kind.value).label("kind"),
        literal(source.value).label("source"),
        about.label("about_id"),
        func.jsonb_build_object(*facts).label("evidence"),
    )


def _about(key: ColumnElement[str]) -> ColumnElement[UUID]:
    """What tells an organisation apart, as short as an id."""
    return cast(func.md5(key), Uuid)


def _employers(sets: Sets) -> _Found:
    """Works for an organisation on a team."""
    teams, homes = sets.team_organisations, sets.employers
    told = {"organisation": func.min(homes.c.name), "team": func.min(teams.c.team)}
    keys = (homes.c.reviewer_id, teams.c.challenge_id, teams.c.key)
    return (
        _row(ConflictKind.EMPLOYER, keys[0], keys[1], _about(teams.c.key), told)
        .join_from(teams, homes, homes.c.key == teams.c.key)
        .group_by(*keys)
    )


def _former(sets: Sets) -> _Found:
    """Worked for an organisation on a team."""
    teams, homes = sets.team_organisations, sets.former
    told = {
        "organisation": func.min(homes.c.name),
        "until": cast(func.max(homes.c.until), String),
        "team": func.min(teams.c.team),
    }
    keys = (homes.c.reviewer_id, teams.c.challenge_id, teams.c.key)
    return (
        _row(ConflictKind.FORMER, keys[0], keys[1], _about(teams.c.key), told)
        .join_from(teams, homes, homes.c.key == teams.c.key)
        .group_by(*keys)
    )


def _on_a_team(sets: Sets) -> _Found:
    """Is on a team: by name and organisation, by account, or because they handed its bid in."""
    people, opened, experts = sets.team_people, sets.opened, sets.experts
    by_name = select(experts.c.reviewer_id, people.c.bid_id).join_from(
        people, experts, experts.c.identity == people.c.identity
    )
    only = sets.only(Reviewer.id)
    by_account = (
        select(Reviewer.id, TeamPerson.bid_id)
        .join_from(TeamPerson, Reviewer, Reviewer.person_id == TeamPerson.person_id)
        .where(only)
    )
    handed_in = (
        select(Reviewer.id, opened.c.id)
        .join_from(opened, Reviewer, Reviewer.person_id == opened.c.by)
        .where(only)
    )
    members = union(by_name, by_account, handed_in).subquery()
    return _row(
        ConflictKind.TEAM,
        members.c.reviewer_id,
        opened.c.challenge_id,
        opened.c.id,
        {"team": opened.c.team},
    ).join_from(members, opened, opened.c.id == members.c.bid_id)


def _issuer(sets: Sets) -> _Found:
    """Works for the issuing body."""
    return (
        _works_there(sets, ConflictKind.ISSUER, Organisation.name)
        .join_from(Challenge, Call, Call.id == Challenge.call_id)
        .join(Organisation, Organisation.id == Call.issuer_id)
        .join(sets.employers, sets.employers.c.key == body(Organisation.name))
    )


def _owner(sets: Sets) -> _Found:
    """Works for the owner of the scenario."""
    owner = Challenge.scenario_owner
    return (
        _works_there(sets, ConflictKind.OWNER, owner)
        .join_from(Challenge, sets.employers, sets.employers.c.key == body(owner))
        .where(owner != "")
    )


def _works_there(sets: Sets, kind: ConflictKind, name: Any) -> _Found:
    homes = sets.employers
    about = _about(homes.c.key)
    told = {"organisation": name}
    return _row(kind, homes.c.reviewer_id, Challenge.id, about, told).where(sets.scope)


def _coworkers(sets: Sets) -> _Found:
    """Worked with somebody of a team; of several times, the last."""
    people, together = sets.team_people, sets.together
    until = func.coalesce(cast(together.c.until, String), "")
    told = {
        "person": people.c.name,
        "organisation": people.c.organisation,
        "until": until,
        "context": together.c.context,
        "team": people.c.team,
    }
    keys = (together.c.reviewer_id, people.c.bid_id)
    return (
        _row(
            ConflictKind.COWORKER,
            keys[0],
            people.c.challenge_id,
            together.c.about_id,
            told,
            bid=people.c.bid_id,
        )
        .ext(distinct_on(*keys))
        .join_from(people, together, together.c.identity == people.c.identity)
        .where(together.c.about_id != people.c.bid_id)
        .order_by(*keys, together.c.until.desc().nulls_first(), together.c.about_id)
    )


def _named(sets: Sets) -> _Found:
    """Named by a bidder, which an officer has granted."""
    opened, experts = sets.opened, sets.experts
    granted = and_(
        AvoidDecision.bid_id == opened.c.id,
        AvoidDecision.identity == BidAvoid.identity,
        AvoidDecision.granted,
    )
    told = {"team": opened.c.team, "reason": BidAvoid.reason}
    keys = (experts.c.reviewer_id, opened.c.challenge_id, opened.c.id)
    return (
        _row(ConflictKind.NAMED, *keys, told, bid=opened.c.id, source=ConflictSource.NAMED)
        .ext(distinct_on(experts.c.reviewer_id, opened.c.id))
        .join_from(opened, BidAvoid, BidAvoid.version_id == opened.c.version_id)
        .join(AvoidDecision, granted)
        .join(experts, experts.c.identity == BidAvoid.identity)
        .order_by(experts.c.reviewer_id, opened.c.id, BidAvoid.position)
    )
